using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Parser;
using Builder.Analysis.Difference;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Differences;
using Builder.Web.Difference;
using Microsoft.Extensions.DependencyInjection;

namespace Builder.Web.Tests.Repetitions;

/// <summary>What repetitions say, from the upload to pages and JSON.</summary>
public sealed class RepetitionPageTests
{
    private static readonly DateTimeOffset First = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    private static readonly VariationReport Some = new(
        Variations.Time | Variations.Path | Variations.Locale,
        [new MissingVariation(Variations.FileOrder, MissingVariation.NoFuse)]
    );

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_repetition_with_the_same_output_says_on_how_many_workers_and_with_what_varied(bool comesFirst)
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var (build, repetition) = (BuildUuid.NewRandom(), BuildUuid.NewRandom());
        if (!comesFirst)
            await UploadAsync(site, build, "same", First);
        await UploadAsync(site, repetition, "same", First.AddHours(1), Header(build, Some));
        if (comesFirst)
            await UploadAsync(site, build, "same", First);

        const string Sentence = "Reproduced on 2 workers, with time, path and locale varied";
        const string Missing = "Not varied: file order (FUSE cannot be used)";
        foreach (var page in (string[])[$"/job/clock/build/{build}", "/job/clock"])
        {
            Assert.Contains(Sentence, await TextAsync(site, page), StringComparison.Ordinal);
            Assert.Contains(Missing, await TextAsync(site, page), StringComparison.Ordinal);
        }
        Assert.Contains(
            $"This build repeats {build.ToString()[..8]} on worker two, with time, path and locale varied.",
            await TextAsync(site, $"/job/clock/build/{repetition}"),
            StringComparison.Ordinal
        );
        using var json = await JsonAsync(site, $"/job/clock/build/{build}");
        Assert.Equal(
            """{"agree":true,"workers":2,"varied":["time","path","locale"],"not_varied":[{"variation":"fileorder","reason":"no-fuse"}]}""",
            json.RootElement.GetProperty("repetitions").GetRawText()
        );
        using var ofRepetition = await JsonAsync(site, $"/job/clock/build/{repetition}");
        Assert.Equal(build.ToString(), ofRepetition.RootElement.GetProperty("repeats").GetProperty("uuid").GetString());
        using var job = await JsonAsync(site, "/job/clock");
        Assert.True(job.RootElement.GetProperty("builds")[0].TryGetProperty("repetitions", out _));
        Assert.False(job.RootElement.TryGetProperty("regressions", out _));
    }

    [Fact]
    public async Task A_repetition_that_differs_makes_the_build_not_reproducible_and_the_bisection_says_why()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var (build, differing) = (BuildUuid.NewRandom(), BuildUuid.NewRandom());
        await UploadAsync(site, build, "built 2026-11-20 08:01:00\n", First);
        await UploadAsync(site, differing, "built 2026-11-21 09:38:00\n", First.AddHours(1), Header(build, Some), environment: "other");
        await IdleAsync(site);

        foreach (var page in (string[])["/", "/job/clock", $"/job/clock/build/{build}", $"/job/clock/build/{differing}"])
            Assert.Contains("not reproducible: build time in bin/clock", await TextAsync(site, page), StringComparison.Ordinal);
        Assert.Contains("with time, path and locale varied", await TextAsync(site, $"/job/clock/build/{build}"), StringComparison.Ordinal);

        var finding = new BisectionFinding(BisectionKind.Variation, Variations.Time);
        await UploadAsync(
            site,
            BuildUuid.NewRandom(),
            "built 2026-11-20 08:01:00\n",
            First.AddHours(2),
            Header(build, new VariationReport(Variations.Path, []), finding)
        );

        foreach (var page in (string[])["/job/clock", $"/job/clock/build/{build}"])
            Assert.Contains("build time in bin/clock when the clock is varied", await TextAsync(site, page), StringComparison.Ordinal);
        using var json = await JsonAsync(site, $"/job/clock/build/{build}");
        Assert.Equal("time", json.RootElement.GetProperty("not_reproducible").GetProperty("variation").GetString());
        Assert.Equal("time", json.RootElement.GetProperty("repetitions").GetProperty("finding").GetString());
    }

    [Fact]
    public async Task What_the_schedule_expects_is_no_regression()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var (good, bad) = (BuildUuid.NewRandom(), BuildUuid.NewRandom());
        await UploadAsync(site, good, "one", First);
        await UploadAsync(site, BuildUuid.NewRandom(), "one", First.AddHours(1), Header(good, Some));
        await UploadAsync(site, bad, "built 2026-11-20 08:01:00\n", First.AddDays(1), switchFile: "new sources");
        await UploadAsync(
            site,
            BuildUuid.NewRandom(),
            "built 2026-11-21 09:38:00\n",
            First.AddDays(1).AddHours(1),
            Header(bad, Some),
            switchFile: "new sources"
        );
        await IdleAsync(site);
        using (var before = await JsonAsync(site, "/job/clock"))
            Assert.Single(before.RootElement.GetProperty("regressions").EnumerateArray().ToList());

        await using (var database = await BuilderDatabase.OpenAsync(site.Database, TestContext.Current.CancellationToken))
        {
            Assert.True(ExpectedDifference.TryCreate("timestamp", "bin/clock", out var clock, out _));
            var expected = new Dictionary<string, IReadOnlyList<ExpectedDifference>> { ["clock"] = [clock] };
            Assert.True(await ExpectedDifferenceRows.ReplaceAsync(database, expected, TestContext.Current.CancellationToken));
        }

        using var job = await JsonAsync(site, "/job/clock");
        Assert.False(job.RootElement.TryGetProperty("regressions", out _));
        using var home = await JsonAsync(site, "/");
        Assert.False(home.RootElement.GetProperty("jobs")[0].TryGetProperty("regressions", out _));
        Assert.DoesNotContain("No longer reproducible", await TextAsync(site, "/job/clock"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_ceases_to_be_reproducible_is_a_regression_until_a_build_is_reproduced_again()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var (good, bad, better) = (BuildUuid.NewRandom(), BuildUuid.NewRandom(), BuildUuid.NewRandom());
        await UploadAsync(site, good, "one", First);
        await UploadAsync(site, BuildUuid.NewRandom(), "one", First.AddHours(1), Header(good, Some));
        await UploadAsync(site, bad, "two", First.AddDays(1), switchFile: "new sources");
        Assert.DoesNotContain("regression", await TextAsync(site, "/"), StringComparison.Ordinal);
        await UploadAsync(site, BuildUuid.NewRandom(), "three", First.AddDays(1).AddHours(1), Header(bad, Some), switchFile: "new sources");

        Assert.Contains("regression", await TextAsync(site, "/"), StringComparison.Ordinal);
        Assert.Contains("No longer reproducible on debian-12", await TextAsync(site, "/job/clock"), StringComparison.Ordinal);
        using (var job = await JsonAsync(site, "/job/clock"))
        {
            var regression = Assert.Single(job.RootElement.GetProperty("regressions").EnumerateArray().ToList());
            Assert.Equal("debian-12", regression.GetProperty("platform").GetString());
        }
        using (var home = await JsonAsync(site, "/"))
            Assert.Equal("debian-12", home.RootElement.GetProperty("jobs")[0].GetProperty("regressions")[0].GetString());

        await UploadAsync(site, better, "four", First.AddDays(2), switchFile: "fixed sources");
        Assert.Contains("No longer reproducible", await TextAsync(site, "/job/clock"), StringComparison.Ordinal);
        await UploadAsync(
            site,
            BuildUuid.NewRandom(),
            "four",
            First.AddDays(2).AddHours(1),
            Header(better, Some),
            switchFile: "fixed sources"
        );

        Assert.DoesNotContain("No longer reproducible", await TextAsync(site, "/job/clock"), StringComparison.Ordinal);
        Assert.DoesNotContain("regression", await TextAsync(site, "/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_is_an_ordinary_build_and_a_build_of_another_job_is_not_repeated()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var other = BuildUuid.NewRandom();
        await UploadAsync(site, other, "one", First, job: "other");
        await UploadAsync(site, BuildUuid.NewRandom(), "two", First.AddHours(1), Header(other, Some));

        Assert.DoesNotContain("not reproducible", await TextAsync(site, $"/job/other/build/{other}"), StringComparison.Ordinal);
        Assert.False(RepetitionHeader.TryRead("{", out _));
        Assert.False(RepetitionHeader.TryRead("""{"repeats":"x","worker":"","first_worker":"","made":"","missing":""}""", out _));
        Assert.False(RepetitionHeader.TryRead(new string(' ', RepetitionHeader.MaxLength + 1), out _));
    }

    private static RepetitionHeader Header(BuildUuid repeats, VariationReport variations, BisectionFinding? finding = null) =>
        new(repeats, "two", "one", variations, finding);

    private static async Task UploadAsync(
        Site site,
        BuildUuid uuid,
        string main,
        DateTimeOffset started,
        RepetitionHeader? repetition = null,
        string environment = "usual",
        string switchFile = "sources",
        string job = "clock"
    )
    {
        var exec = await Uploads.ExecAsync(
            job,
            uuid,
            started,
            [
                ($"bin/{job}", Encoding.UTF8.GetBytes(main)),
                ("opam-switch", Encoding.UTF8.GetBytes(switchFile)),
                ("build-environment", Encoding.UTF8.GetBytes(environment)),
                ("system-packages", "gcc=12"u8.ToArray()),
            ]
        );
        using var answer = await site.UploadAsync("admin", "pw-admin", exec, repetition: repetition);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static async Task<string> TextAsync(Site site, string address)
    {
        var page = new HtmlParser().ParseDocument(await site.Http.GetStringAsync(new Uri(address, UriKind.Relative), Stop));
        return string.Join(' ', page.Body!.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<JsonDocument> JsonAsync(Site site, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await site.Http.SendAsync(request, Stop);
        return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    private static Task IdleAsync(Site site) => site.Web.Services.GetRequiredService<DifferenceComputation>().WhenIdleAsync();
}
