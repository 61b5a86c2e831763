using System.Security.Cryptography;
using System.Text;
using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Web.Tests;

/// <summary>Pages of a job with thousands of builds show what going through all of them would show.</summary>
public abstract class JobHistoryTests(DatabaseEngine engine)
{
    public sealed class OnSqlite() : JobHistoryTests(DatabaseEngine.Sqlite);

    public sealed class OnPostgreSql() : JobHistoryTests(DatabaseEngine.PostgreSql);

    private const int PageLength = 25;

    [Fact]
    public async Task Each_page_shows_the_newest_build_of_each_output_whatever_the_history()
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        var random = new Random(5);
        // A usual history, and one whose newest builds, more than are looked at one by one, all came out the same.
        var usual = Enumerable
            .Range(0, 1500)
            .Select(number =>
                Build(
                    number,
                    $"platform-{random.Next(3)}",
                    number / 10,
                    random.Next(12) == 0 ? null : (number / 10) + (random.Next(30) == 0 ? 5000 : 0)
                )
            )
            .ToList();
        var steady = Enumerable
            .Range(10_000, 2600)
            .Select(number => Build(number, $"platform-{number % 2}", number / 10, number > 10_150 ? 7777 : number))
            .ToList();
        await AddAsync(site, "usual", usual);
        await AddAsync(site, "steady", steady);

        foreach (var (job, builds) in new[] { ("usual", usual), ("steady", steady) })
        {
            foreach (var platform in new[] { null, "platform-1" })
            {
                foreach (var withFailed in new[] { false, true })
                {
                    var expected = Outputs(builds, platform, withFailed);
                    foreach (var start in new[] { 0, PageLength, expected.Count - 3 })
                        await CheckAsync(site, job, builds, platform, withFailed, start, expected);
                }
            }
        }
    }

    [Fact]
    public async Task A_build_that_says_it_started_in_the_future_is_the_latest_of_nothing_until_then()
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        // Within the error of a clock, 10 minutes ahead, years ahead, and a failed one.
        var soon = Build(20_000 + 3, "platform-0", 3, 3);
        var ahead = Build(30_000, "platform-0", 4, 4);
        var far = Build(40_000, "platform-0", 5, 5);
        var failed = Build(40_001, "platform-0", 6, null);
        await AddAsync(site, "job", [Build(1, "platform-0", 1, 1), Build(2, "platform-0", 2, 2), soon, ahead, far, failed]);
        await SetStartAsync(site, soon, Site.Recorded.AddMinutes(4));
        await SetStartAsync(site, ahead, Site.Recorded.AddMinutes(10));
        await SetStartAsync(site, far, new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await SetStartAsync(site, failed, new DateTimeOffset(2099, 1, 2, 0, 0, 0, TimeSpan.Zero));

        await LatestIsAsync(soon);
        using (var page = await site.Http.PageAsync("/job/job/failed"))
        {
            Assert.Equal(
                new[] { soon, Build(2, "", 0, 0), Build(1, "", 0, 0), failed, far, ahead }.Select(build => $"/job/job/build/{build.Uuid}"),
                page.QuerySelectorAll("table.outputs tbody a.job").Select(link => link.GetAttribute("href"))
            );
        }
        using (var page = await site.Http.PageAsync($"/job/job/build/{far.Uuid}"))
            Assert.Contains(
                "1 Jan 2099",
                page.Texts("p.note").Single(note => note.Contains("in the future", StringComparison.Ordinal)),
                StringComparison.Ordinal
            );
        using (var page = await site.Http.PageAsync($"/job/job/build/{soon.Uuid}"))
            Assert.DoesNotContain(page.Texts("p.note"), note => note.Contains("in the future", StringComparison.Ordinal));

        site.Clock.Advance(TimeSpan.FromMinutes(11));
        await LatestIsAsync(ahead);

        async Task LatestIsAsync(Made build)
        {
            foreach (var query in new[] { "", "?platform=platform-0" })
            {
                using var answer = await site.Http.GetAsync($"/job/job/build/latest{query}", TestContext.Current.CancellationToken);
                Assert.Equal($"/job/job/build/{build.Uuid}{query}", answer.Headers.Location?.ToString());
            }
            using var home = await site.Http.PageAsync("/");
            Assert.Contains(
                $"/job/job/build/{build.Uuid}",
                home.QuerySelectorAll(".matrix tbody a").Select(link => link.GetAttribute("href"))
            );
            Assert.DoesNotContain(
                $"/job/job/build/{far.Uuid}",
                home.QuerySelectorAll(".matrix tbody a").Select(link => link.GetAttribute("href"))
            );
            Assert.DoesNotContain(
                $"/job/job/build/{failed.Uuid}",
                home.QuerySelectorAll(".matrix tbody a").Select(link => link.GetAttribute("href"))
            );
        }
    }

    [Fact]
    public async Task So_far_back_that_there_is_nothing_the_newest_are_shown()
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        await AddAsync(site, "short", [Build(1, "platform-0", 1, 1), Build(2, "platform-0", 2, 2)]);
        using var page = await site.Http.PageAsync("/job/short?start=25");
        Assert.Equal(2, page.QuerySelectorAll("table.outputs tbody tr").Length);
        Assert.Null(page.QuerySelector("nav.pages"));
    }

    [Fact]
    public async Task Beyond_a_thousand_builds_are_not_counted()
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        await AddAsync(
            site,
            "many",
            [.. Enumerable.Range(0, 2100).Select(number => Build(number, "platform-0", 1, number % 2 == 0 ? 1 : null))]
        );
        using var page = await site.Http.PageAsync("/job/many");
        Assert.Equal(["reproduced ×999+"], page.Texts("table.outputs .badge"));
        Assert.Contains("1,000+ builds with this output", page.Text("table.outputs tbody"), StringComparison.Ordinal);
        Assert.Contains("1,000+ failures", page.Text("nav.tabs[aria-label=Builds]"), StringComparison.Ordinal);
    }

    private static async Task CheckAsync(
        Site site,
        string job,
        List<Made> all,
        string? platform,
        bool withFailed,
        int start,
        List<Made> expected
    )
    {
        var address = $"/job/{job}{(withFailed ? "/failed" : "")}?start={start}{(platform is null ? "" : $"&platform={platform}")}";
        using var page = await site.Http.PageAsync(address);
        var shown = expected.Skip(start).Take(PageLength).ToList();
        Assert.Equal(
            shown.Select(build => $"/job/{job}/build/{build.Uuid}"),
            page.QuerySelectorAll("table.outputs tbody a.job").Select(link => link.GetAttribute("href"))
        );
        Assert.Equal(shown.Select(build => VerdictOf(build, all)), page.Texts("table.outputs tbody .cell > .badge"));
        Assert.Equal(
            shown
                .Where(build => build.Output is not null)
                .Select(build => Earlier(build, all))
                .OfType<Made>()
                .Select(before => before.Uuid.ToString()),
            page.QuerySelectorAll("table.outputs tbody a[href^='/compare/']").Select(link => link.GetAttribute("href")!.Split('/')[2])
        );
        var links = page.QuerySelectorAll("nav.pages a").Select(link => link.TextContent).ToList();
        Assert.Equal(start > 0, links.Contains("← newer"));
        Assert.Equal(expected.Count > start + PageLength, links.Contains("older →"));
        var marks = all.Where(build => build.Platform == (platform ?? "platform-0")).Reverse().Take(60).Reverse();
        Assert.Equal(
            marks.Select(build => $"{VerdictOf(build, all)}"),
            page.QuerySelectorAll(".history")[0].QuerySelectorAll("a").Select(mark => mark.GetAttribute("title")!.Split(": ")[1])
        );
    }

    private static List<Made> Outputs(List<Made> oldestFirst, string? platform, bool withFailed)
    {
        var seen = new HashSet<int>();
        return
        [
            .. oldestFirst
                .AsEnumerable()
                .Reverse()
                .Where(build => platform is null || build.Platform == platform)
                .Where(build => build.Output is { } output ? seen.Add(output) : withFailed),
        ];
    }

    private static string VerdictOf(Made build, List<Made> all)
    {
        if (build.Output is null)
            return "failed";
        if (all.Exists(other => other.Input == build.Input && other.Output is { } output && output != build.Output))
            return "not reproducible";
        var others = all.Count(other => other.Output == build.Output) - 1;
        return others == 0 ? "built once"
            : others < 999 ? $"reproduced ×{others}"
            : "reproduced ×999+";
    }

    private static Made? Earlier(Made build, List<Made> all) =>
        all.FindLast(other =>
            other.Number < build.Number && other.Platform == build.Platform && other.Output is { } output && output != build.Output
        );

    private static Made Build(int number, string platform, int input, int? output) =>
        new(number, BuildUuid.Parse($"00000000-0000-4000-8000-{number:d12}"), platform, input, output);

    private static async Task AddAsync(Site site, string job, List<Made> oldestFirst)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var database = await BuilderDatabase.OpenAsync(site.Database, stop);
        await database.WriteAsync(
            async session =>
            {
                var id = await session.IntegerAsync("INSERT INTO job (name) VALUES (@name) RETURNING id", stop, ("@name", job));
                foreach (var build in oldestFirst)
                {
                    var started = Timestamp.From(Site.Recorded.AddHours(-20_000).AddHours(build.Number % 10_000));
                    var row = await session.IntegerAsync(
                        """
                        INSERT INTO build (uuid, start_d, start_ps, finish_d, finish_ps, result_kind, result_number, console, script, platform, "user", job, input_id)
                        VALUES (@uuid, @day, @time, @day, @time, 0, 0, '', '', @platform, 1, @job, @input)
                        RETURNING id
                        """,
                        stop,
                        ("@uuid", build.Uuid),
                        ("@day", started.Days),
                        ("@time", started.PicosecondsOfDay),
                        ("@platform", build.Platform),
                        ("@job", id),
                        ("@input", Hash($"input {build.Input}"))
                    );
                    if (build.Output is not { } output)
                        continue;
                    var main = await session.IntegerAsync(
                        "INSERT INTO build_artifact (filepath, sha256, size, build) VALUES ('bin/hello', @hash, 10, @build) RETURNING id",
                        stop,
                        ("@hash", Hash($"output {output}")),
                        ("@build", row)
                    );
                    await session.ExecuteAsync(
                        "UPDATE build SET main_binary = @main, main_sha256 = @hash WHERE id = @id",
                        stop,
                        ("@main", main),
                        ("@hash", Hash($"output {output}")),
                        ("@id", row)
                    );
                }
            },
            stop
        );
    }

    private static async Task SetStartAsync(Site site, Made build, DateTimeOffset start)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var database = await BuilderDatabase.OpenAsync(site.Database, stop);
        await database.WriteAsync(
            session =>
                session.ExecuteAsync(
                    "UPDATE build SET start_d = @day, start_ps = @time, finish_d = @day, finish_ps = @time WHERE uuid = @uuid",
                    stop,
                    ("@day", Timestamp.From(start).Days),
                    ("@time", Timestamp.From(start).PicosecondsOfDay),
                    ("@uuid", build.Uuid)
                ),
            stop
        );
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private sealed record Made(int Number, BuildUuid Uuid, string Platform, int Input, int? Output);
}
