using System.Text;
using System.Text.Json;
using Builder.Analysis.Difference;
using Builder.Cli.Client;
using Builder.Cli.Errors;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;
using Builder.Testing;

namespace Builder.Cli.Tests.Client;

/// <summary>A schedule in YAML: what it may say, and what is refused, with the place and the reason.</summary>
public sealed class ScheduleFileTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public ScheduleFileTests() => File.WriteAllText(directory["hello.sh"], "echo hello\n");

    [Fact]
    public void Each_field_is_read()
    {
        var jobs = Read(
            """
            jobs:
              - name: hello
                platform: debian-12
                script: hello.sh
                period: weekly
                time-limit: 90m
                priority: -3
                owner: dns team
              - name: "nightly: yes"
                opam-package: dns-primary.1.0
                cron: "30 3 * * 1-5"
            """
        );

        Assert.Equal(
            [
                new PlannedJob("hello")
                {
                    Line = 2,
                    Platform = "debian-12",
                    Script = jobs[0].Script,
                    Period = "weekly",
                    TimeLimit = TimeSpan.FromMinutes(90),
                    Priority = -3,
                    Owner = "dns team",
                },
                new PlannedJob("nightly: yes")
                {
                    Line = 9,
                    OpamPackage = "dns-primary.1.0",
                    Cron = "30 3 * * 1-5",
                },
            ],
            jobs
        );
        Assert.Equal("echo hello\n"u8.ToArray(), jobs[0].Script);
    }

    [Fact]
    public void Expected_differences_are_a_list_of_causes_and_paths()
    {
        var job = Assert.Single(
            Read(
                """
                jobs:
                  - name: app
                    platform: p
                    script: hello.sh
                    expected-differences:
                      - {cause: timestamp, path: usr/share/app/info.txt}
                      - cause: random
                        path: "**/*.pdb"
                """
            )
        );
        Assert.Equal(
            [(CauseKind.Timestamp, "usr/share/app/info.txt"), (CauseKind.Random, "**/*.pdb")],
            job.Expected.All.Select(static expected => (expected.Cause, expected.Path))
        );
    }

    [Theory]
    [InlineData("timestamp", "line 5: expected-differences is a list")]
    [InlineData("[timestamp]", "line 5: an expected difference is a mapping of cause and path")]
    [InlineData("[{cause: timestamp}]", "line 5: an expected difference is a mapping of cause and path")]
    [InlineData("[{cause: timestamp, path: x, because: y}]", "line 5: an expected difference is a mapping of cause and path")]
    [InlineData("[{cause: time, path: x}]", "line 5: cause \"time\" is unknown; use one of timestamp, build-path")]
    [InlineData("[{cause: code, path: x}]", "line 5: cause \"code\" cannot be expected")]
    public void An_expected_difference_that_cannot_be_is_refused_at_its_line(string value, string reason)
    {
        var error = Assert.Throws<CommandException>(() =>
            Read(
                $"""
                jobs:
                  - name: app
                    platform: p
                    script: hello.sh
                    expected-differences: {value}
                """
            )
        );
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Builds_can_be_repeated_with_variations()
    {
        var job = Read(Hello("rebuilds: 2", "vary: [time, path]", "rebuild-on: any-worker", "bisect: true", "recheck: monthly"))[0];

        Assert.Equal(
            new RebuildPolicy(2, Variations.Time | Variations.Path, OnAnyWorker: true, Bisect: true, Recheck.Monthly),
            job.Rebuild
        );
        using var request = JsonDocument.Parse(ScheduleFile.ToRequest([job], isDryRun: false, removesOthers: false));
        Assert.Equal(job.Rebuild, RebuildPolicy.Read(request.RootElement.GetProperty("jobs")[0]));
        Assert.Equal(Variations.None, Read(Hello("vary: []"))[0].Rebuild.Vary);
        Assert.Equal(VariationNames.All, Read(Hello("vary: all"))[0].Rebuild.Vary);
        Assert.Equal(RebuildPolicy.Default, Read(Hello("period: daily"))[0].Rebuild);
    }

    [Theory]
    [InlineData("rebuilds: 21", "line 5: rebuilds 21 is not a number from 0 to 20")]
    [InlineData("rebuilds: often", "line 5: rebuilds \"often\" is not a number from 0 to 20")]
    [InlineData("vary: [clock]", "line 5: variation \"clock\" is not known; known are time, path, hostname")]
    [InlineData("vary: [[time]]", "line 5: vary is a list of names")]
    [InlineData("rebuild-on: moon", "line 5: rebuild-on \"moon\" is not known; use other-worker or any-worker")]
    [InlineData("bisect: 1", "line 5: bisect \"1\" is neither true nor false")]
    [InlineData("recheck: yearly", "line 5: recheck \"yearly\" is not known; use never, weekly or monthly")]
    public void A_rule_for_repetitions_that_cannot_be_is_refused_at_its_line(string field, string reason) =>
        AssertRefused(Hello(field), reason);

    [Theory]
    [InlineData("{when: reproduced}", 1, false)]
    [InlineData("{when: reproduced, by: 2, independent: true}", 2, true)]
    public void Packages_can_wait_for_others(string rule, int by, bool isIndependent)
    {
        var jobs = Read(Hello($"publish: {rule}"));
        Assert.Equal(new PublishRule(by, isIndependent), jobs[0].Publish);
        using var request = JsonDocument.Parse(ScheduleFile.ToRequest(jobs, isDryRun: true, removesOthers: false));
        Assert.Equal(jobs[0].Publish, PublishRule.Read(request.RootElement.GetProperty("jobs")[0].GetProperty("publish")));
    }

    [Theory]
    [InlineData("reproduced", "line 5: publish is a mapping")]
    [InlineData("{}", "publish: when \"\" is not known; use reproduced or built")]
    [InlineData("{when: reproduced, by: two}", "line 5: publish: by \"two\" is not a number from 1 to 100")]
    [InlineData("{when: reproduced, of: 2}", "line 5: \"of\" is not known")]
    public void A_rule_for_publication_that_cannot_be_is_refused_at_its_line(string rule, string reason)
    {
        var error = Assert.Throws<CommandException>(() => Read(Hello($"publish: {rule}")));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("1.5h", 5400)]
    [InlineData("3h", 10800)]
    [InlineData("30d", 2_592_000)]
    public void Time_limits_have_units(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read(Hello($"time-limit: {text}"))[0].TimeLimit);

    [Theory]
    [InlineData("30 3 * * *")]
    [InlineData("*/5 * * * *")]
    [InlineData("0 0 1 JAN MON-FRI")]
    [InlineData("0 4 1,15 * 5")]
    public void Cron_expressions_have_five_fields(string cron) => Assert.Equal(cron, Read(Hello($"cron: \"{cron}\""))[0].Cron);

    [Fact]
    public void An_empty_list_is_a_schedule() => Assert.Empty(Read("jobs: []"));

    [Fact]
    public void The_request_says_it_in_json()
    {
        var jobs = Read(Hello("time-limit: 2h", "priority: 2"));
        using var request = JsonDocument.Parse(ScheduleFile.ToRequest(jobs, isDryRun: true, removesOthers: false));
        Assert.Equal(
            """{"dry_run":true,"remove_others":false,"jobs":[{"name":"hello","platform":"debian-12","script":"ZWNobyBoZWxsbwo=","time_limit_seconds":7200,"priority":2}]}""",
            request.RootElement.GetRawText()
        );
    }

    [Theory]
    [InlineData("", "has no list \"jobs\"")]
    [InlineData("job: []", "has no list \"jobs\"")]
    [InlineData("jobs: hello", "line 1: \"jobs\" is not a list")]
    [InlineData("jobs: {a: b}", "line 1: \"jobs\" is not a list")]
    [InlineData("jobs: []\njob: []", "line 2: \"job\" is not known beside \"jobs\"")]
    [InlineData("jobs: []\n[1]: hello", "line 2: what stands there is not known beside \"jobs\"")]
    [InlineData("- jobs", "has no list \"jobs\"")]
    [InlineData("jobs: []\n---\njobs: []", "line 3: a schedule is one document, here begins another")]
    [InlineData("jobs:\n  - hello", "line 2: a job is a mapping")]
    [InlineData("jobs:\n  - [name, hello]", "line 2: a job is a mapping")]
    [InlineData("jobs:\n  - name: [hello]", "line 2: a job has names and plain values only")]
    [InlineData("jobs:\n  - {name: hello, script: {path: hello.sh}}", "line 2: a job has names and plain values only")]
    [InlineData("jobs:\n  - [1]: hello", "line 2: ")]
    [InlineData("jobs:\n  - {platform: debian-12, script: hello.sh}", "line 2: the job has no name")]
    [InlineData("jobs:\n  - {name: hello, platfrom: debian-12}", "line 2: \"platfrom\" is not known; known are name, platform")]
    [InlineData("jobs:\n  - {name: hello, name: hello}", "line 2: ")]
    [InlineData("jobs:\n\t- name: hello", "line 1: While scanning")]
    [InlineData("jobs: [", "line 2: While parsing")]
    [InlineData("jobs: [*nobody]", "line 1: ")]
    public void What_is_no_schedule_is_refused_with_its_place(string yaml, string reason) => AssertRefused(yaml, reason);

    [Theory]
    [InlineData("{name: a, platform: p}", "job \"a\" has neither script nor opam-package")]
    [InlineData("{name: a, platform: p, script: hello.sh, opam-package: b}", "job \"a\" has both script and opam-package")]
    [InlineData("{name: a, script: hello.sh}", "job \"a\" has a script but no platform")]
    [InlineData("{name: a, platform: p, opam-package: b}", "job \"a\" builds an opam package, on every platform that has a template")]
    [InlineData("{name: a, opam-package: b, period: daily, cron: '0 0 * * *'}", "job \"a\" has both period and cron")]
    [InlineData("{name: a, opam-package: b, period: Daily}", "job \"a\" has the period \"Daily\", not one of hourly, daily, weekly, never")]
    [InlineData("{name: a, opam-package: b, cron: '0 0 * *'}", "job \"a\": \"0 0 * *\" is not a cron expression")]
    [InlineData("{name: a, opam-package: b, cron: '0 0 0 * * *'}", "job \"a\": \"0 0 0 * * *\" is not a cron expression")]
    [InlineData("{name: a, opam-package: b, cron: '61 0 * * *'}", "is not a cron expression")]
    [InlineData("{name: a, opam-package: b, cron: ''}", "is not a cron expression")]
    [InlineData("{name: a, opam-package: b, cron: '0 0 30 2 *'}", "job \"a\": the cron expression \"0 0 30 2 *\" never comes true")]
    [InlineData(
        "{name: a, opam-package: b, time-limit: 0.5s}",
        "job \"a\": time limit 00:00:00.5000000 is not between one second and 30 days"
    )]
    [InlineData("{name: a, opam-package: b, priority: 11}", "job \"a\": priority 11 is not between -10 and 10")]
    [InlineData("{name: ../a, opam-package: b}", "job name \"../a\" holds \"/\"")]
    [InlineData("{name: '', opam-package: b}", "job name is empty")]
    [InlineData("{name: a, platform: b/c, script: hello.sh}", "platform \"b/c\" holds \"/\"")]
    [InlineData("{name: a, opam-package: b, time-limit: soon}", "\"soon\" is not a duration such as 90s")]
    [InlineData("{name: a, opam-package: b, time-limit: -1h}", "\"-1h\" is not a duration")]
    [InlineData("{name: a, opam-package: b, time-limit: 31d}", "\"31d\" is not a duration")]
    [InlineData("{name: a, opam-package: b, time-limit: 1e9h}", "\"1e9h\" is not a duration")]
    [InlineData("{name: a, opam-package: b, priority: high}", "\"high\" is not a number")]
    [InlineData("{name: a, opam-package: b, priority: 99999999999}", "\"99999999999\" is not a number")]
    [InlineData("{name: a, opam-package: b, limits: {memory: lots}}", "memory \"lots\" is not a size such as 512M or 4G")]
    [InlineData("{name: a, opam-package: b, limits: {processes: 0}}", "processes \"0\" is not a number from 1 on")]
    [InlineData(
        "{name: a, opam-package: b, limits: {ram: 1G}}",
        "\"ram\" is not known; known are memory, processes, disk, console, artifacts, artifact-size"
    )]
    [InlineData("{name: a, opam-package: b, limits: 2G}", "limits is a mapping, such as {memory: 2G, processes: 500}")]
    [InlineData("{name: a, platform: p, script: missing.sh}", "the script cannot be read: Could not find file")]
    [InlineData("{name: a, platform: p, script: .}", " is a directory")]
    [InlineData("{name: a, platform: p, script: /dev/zero}", "/dev/zero is longer than 16 MiB")]
    public void What_is_wrong_with_a_job_is_said_with_its_line(string job, string reason) =>
        AssertRefused($"# a comment\njobs:\n  - {job}\n", reason);

    [Fact]
    public void Limits_of_a_job_are_sent_in_bytes() =>
        Assert.Contains(
            "\"limits\":{\"processes\":500,\"memory_bytes\":2147483648,\"disk_bytes\":10737418240,\"console_bytes\":67108864,\"artifacts\":10000,\"artifact_bytes\":4294967296}",
            Encoding.UTF8.GetString(
                ScheduleFile.ToRequest(
                    Read(Hello("limits: {memory: 2G, processes: 500, disk: 10G, console: 64M, artifacts: 10000, artifact-size: 4G}")),
                    isDryRun: true,
                    removesOthers: false
                )
            ),
            StringComparison.Ordinal
        );

    /// <summary>A job is many lines long: the line is that of the field, not of the job.</summary>
    [Theory]
    [InlineData("perod: weekly", "\"perod\" is not known")]
    [InlineData("period: [weekly]", "a job has names and plain values only")]
    [InlineData("period: monthly", "has the period \"monthly\"")]
    [InlineData("cron: 1 2 3", "is not a cron expression")]
    [InlineData("time-limit: long", "\"long\" is not a duration")]
    [InlineData("priority: 11", "priority 11")]
    [InlineData("opam-package: b", "has both script and opam-package")]
    [InlineData("script: hello.sh", "")]
    public void What_is_wrong_with_a_field_is_said_with_the_fields_line(string field, string reason) =>
        AssertRefused(Hello(field), directory["schedule.yaml"] + ": line 5: ", reason);

    [Fact]
    public void Bytes_that_are_no_text_are_refused_with_their_line()
    {
        File.WriteAllBytes(directory["schedule.yaml"], [.. "jobs:\n  - name: "u8, 0xff, .. "\n"u8]);
        var error = Assert.Throws<CommandException>(() => ScheduleFile.Read(directory["schedule.yaml"]));
        Assert.Equal($"{directory["schedule.yaml"]}: line 2: what stands there is not UTF-8", error.Message);
    }

    [Fact]
    public void What_aliases_name_may_stand_beside_the_jobs() =>
        Assert.Equal("p", Read("x-platform: &p p\njobs:\n  - {name: a, platform: *p, script: hello.sh}\n")[0].Platform);

    [Fact]
    public void A_name_that_stands_twice_is_refused() =>
        AssertRefused("jobs:\n  - {name: a, opam-package: b}\n  - {name: a, opam-package: c}\n", "line 3: job \"a\" stands there twice");

    [Fact]
    public void An_alias_stands_for_what_it_names()
    {
        var jobs = Read("jobs:\n  - name: &n hello\n    opam-package: *n\n");
        Assert.Equal("hello", jobs[0].OpamPackage);
    }

    /// <summary>Ten aliases of ten aliases of ...: a billion jobs in half a kilobyte, were they written out.</summary>
    [Fact]
    public void A_bomb_of_aliases_is_refused_at_once()
    {
        var lines = Enumerable
            .Range(1, 9)
            .Select(level => $"x-level{level}: &l{level} [{string.Join(", ", Enumerable.Repeat($"*l{level - 1}", 10))}]");
        AssertRefused($"x-level0: &l0 {{name: a, opam-package: b}}\n{string.Join('\n', lines)}\njobs: *l9\n", "a job is a mapping");
    }

    [Fact]
    public void A_list_that_holds_itself_is_refused() => AssertRefused("jobs: &all\n  - *all\n", "");

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void What_is_nested_a_hundred_thousand_times_is_refused(string opening) =>
        AssertRefused("jobs: \n  " + string.Concat(Enumerable.Repeat(opening, 100_000)), "");

    [Fact]
    public void A_file_without_end_is_refused()
    {
        var error = Assert.Throws<CommandException>(() => ScheduleFile.Read("/dev/zero"));
        Assert.Equal("/dev/zero is longer than 64 MiB", error.Message);
    }

    public void Dispose() => directory.Dispose();

    private static string Hello(params string[] more) =>
        $"jobs:\n  - name: hello\n    platform: debian-12\n    script: hello.sh\n{string.Concat(more.Select(line => $"    {line}\n"))}";

    private void AssertRefused(string yaml, string reason) => AssertRefused(yaml, directory["schedule.yaml"], reason);

    private void AssertRefused(string yaml, string start, string reason)
    {
        var error = Assert.Throws<CommandException>(() => Read(yaml));
        Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<PlannedJob> Read(string yaml)
    {
        File.WriteAllText(directory["schedule.yaml"], yaml);
        return ScheduleFile.Read(directory["schedule.yaml"]);
    }
}
