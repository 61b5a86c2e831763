using System.Text;
using System.Text.Json;
using Builder.Cli.Client;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Cli.Tests.Client;

/// <summary>A server's state for people and for programs.</summary>
public sealed class InfoTests
{
    private static readonly Timestamp Now = Timestamp.From(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    private static readonly ScriptJob Hello = new(Text("hello"), Text("debian-12"), Text("secret script"));

    private static readonly ServerInfo Info = new(
        [
            new ScheduleItem(Timestamp.Never, Period.Never, new ScriptJob(Text("on-demand"), Text("debian-12"), Text("true"))),
            new ScheduleItem(Now + new TimeSpan(3, 4, 0, 0), Period.Weekly, new OrbBuildJob(Text("dns"), Text("dns-primary"))),
            new ScheduleItem(Now + TimeSpan.FromSeconds(-9), Period.Hourly, Hello),
        ],
        [
            new PlatformQueue(Text("debian-12"), [Hello, new OrbBuildJob(Text("evil\u001b[2J"), Text("x"))]),
            new PlatformQueue(Text("freebsd-14"), []),
        ],
        [new RunningJob(Now + TimeSpan.FromMinutes(-72), BuildUuid.Parse("03256a82-f30b-4974-aea3-d7888233254d"), Hello)],
        [Text("ubuntu-20.04"), Text("old")]
    );

    [Fact]
    public void The_table_has_local_times_and_how_long_from_now_soonest_first() =>
        Assert.Equal(
            """
            Running
              JOB    PLATFORM   BUILD                                 FOR
              hello  debian-12  03256a82-f30b-4974-aea3-d7888233254d  1 h 12 min

            Queue of debian-12: 2 waiting
                 JOB            KIND
              1  hello          script for debian-12
              2  evil\u001b[2J  opam package x

            Queue of freebsd-14: 0 waiting
              none

            Schedule (local times)
              JOB        KIND                      PERIOD  NEXT                 IN
              hello      script for debian-12      hourly  2026-03-04 07:05:58  9 s ago
              dns        opam package dns-primary  weekly  2026-03-07 11:06:07  3 d 4 h
              on-demand  script for debian-12      never   when asked for

            Dropped platforms: ubuntu-20.04, old

            """,
            Table(Info)
        );

    [Fact]
    public void The_table_fits_into_eighty_columns() => Assert.All(Table(Info).Split('\n'), line => Assert.InRange(line.Length, 0, 80));

    [Fact]
    public void Nothing_is_said_to_be_nothing() =>
        Assert.Equal("Running\n  none\n\nSchedule (local times)\n  none\n\n", Table(new ServerInfo([], [], [], [])));

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(59, "59 s")]
    [InlineData(60, "1 min")]
    [InlineData(3599, "59 min")]
    [InlineData(3600, "1 h 0 min")]
    [InlineData(86399, "23 h 59 min")]
    [InlineData(86400, "1 d 0 h")]
    [InlineData(-61, "1 min ago")]
    public void Lengths_of_time_have_two_units_at_most(int seconds, string expected) =>
        Assert.Equal(expected, InfoTable.Span(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Json_has_times_in_utc_and_no_scripts()
    {
        using var output = new MemoryStream();
        InfoJson.Write(output, Info, workers: null);
        var text = Encoding.UTF8.GetString(output.ToArray());
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(text);
        var schedule = json.RootElement.GetProperty("schedule");
        Assert.Equal(JsonValueKind.Null, schedule[0].GetProperty("next").ValueKind);
        Assert.Equal("2026-03-07T09:06:07.000Z", schedule[1].GetProperty("next").GetString());
        Assert.Equal("dns-primary", schedule[1].GetProperty("opam_package").GetString());
        Assert.Equal("hourly", schedule[2].GetProperty("period").GetString());
        Assert.Equal("evil\u001b[2J", json.RootElement.GetProperty("queues")[0].GetProperty("jobs")[1].GetProperty("name").GetString());
        Assert.Equal("03256a82-f30b-4974-aea3-d7888233254d", json.RootElement.GetProperty("running")[0].GetProperty("uuid").GetString());
        Assert.Equal(
            ["ubuntu-20.04", "old"],
            json.RootElement.GetProperty("dropped_platforms").EnumerateArray().Select(platform => platform.GetString())
        );
    }

    [Fact]
    public void Ten_thousand_jobs_are_written_as_they_come()
    {
        var info = new ServerInfo([], [new PlatformQueue(Text("p"), [.. Enumerable.Repeat(Hello, 10_000)])], [], []);
        using var output = new MemoryStream();
        InfoJson.Write(output, info, workers: null);
        using var json = JsonDocument.Parse(output.ToArray());
        Assert.Equal(10_000, json.RootElement.GetProperty("queues")[0].GetProperty("jobs").GetArrayLength());
    }

    [Fact]
    public void Each_worker_is_there_with_the_isolation_of_its_jobs()
    {
        KnownWorker[] workers =
        [
            new("w1", "debian-12", new IsolationTier(IsolationKind.Sandbox, "all apart"), "hello")
            {
                Version = "0.1.0",
                LastSeen = Now.ToDateTimeOffset().AddSeconds(-9),
            },
            new("w2\u001b[2J", "freebsd-14", null, null),
        ];

        GoneWorker[] gone = [new("w0", "debian-12", "0.0.9", Now.ToDateTimeOffset().AddHours(-2))];

        var table = Table(new ServerInfo([], [], [], []), workers, gone: gone);
        using var output = new MemoryStream();
        InfoJson.Write(output, Info, workers, null, gone);

        Assert.EndsWith(
            """
            Workers
              WORKER       PLATFORM    JOB      SEEN     VERSION  ISOLATION
              w1           debian-12   hello    9 s ago  0.1.0    sandbox: all apart
              w2\u001b[2J  freebsd-14  waiting                    unknown: start the worker with --extended

            Workers that are gone
              WORKER  PLATFORM   SEEN           VERSION
              w0      debian-12  2 h 0 min ago  0.0.9


            """,
            table,
            StringComparison.Ordinal
        );
        using var json = JsonDocument.Parse(output.ToArray());
        Assert.Equal("sandbox", json.RootElement.GetProperty("workers")[0].GetProperty("isolation").GetString());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("workers")[1].GetProperty("isolation").ValueKind);
        Assert.Equal(workers, KnownWorkers.Read(json.RootElement));
        Assert.Equal("w0", json.RootElement.GetProperty("gone_workers")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void Repetitions_stand_behind_the_queues()
    {
        var table = Table(
            new ServerInfo([], [], [], []),
            repetitions:
            [
                new KnownRepetition("hello", "debian-12", "u1", "time,path", IsBisection: true, "u2"),
                new KnownRepetition("other", "debian-12", "u3", "", IsBisection: false, null),
            ]
        );

        Assert.Contains(
            """
            Repetitions, behind the queues
              JOB    PLATFORM   REPEATS  VARIES     STATE
              hello  debian-12  u1       time,path  runs as u2, bisection
              other  debian-12  u3       nothing    waiting

            """,
            table,
            StringComparison.Ordinal
        );
    }

    private static string Table(
        ServerInfo info,
        IReadOnlyList<KnownWorker>? workers = null,
        IReadOnlyList<KnownRepetition>? repetitions = null,
        IReadOnlyList<GoneWorker>? gone = null
    )
    {
        using var text = new StringWriter();
        InfoTable.Write(
            text,
            info,
            workers,
            gone,
            repetitions,
            Now,
            TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(2), "test", "test")
        );
        return text.ToString();
    }

    private static ByteString Text(string text) => ByteString.FromUtf8(text);
}
