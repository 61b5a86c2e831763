using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Builder.Analysis.Difference;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Web.Builds;
using Builder.Web.Difference;
using Microsoft.Extensions.DependencyInjection;
using BuildFacts = Builder.Web.Builds.BuildFacts;

namespace Builder.Web.Tests.Difference;

/// <summary>The reason beside the verdict, from the upload to the pages.</summary>
public sealed class ReasonTests
{
    private static readonly DateTimeOffset First = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_outputs_of_the_same_inputs_get_their_reason_on_all_pages_and_in_json()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var left = await UploadAsync(site, "bin/clock", Built(First), First);
        Assert.DoesNotContain("not reproducible", await TextAsync(site, $"/job/clock/build/{left}"), StringComparison.Ordinal);
        var right = await UploadAsync(site, "bin/clock", Built(First.AddHours(1)), First.AddHours(1));
        await IdleAsync(site.Web);

        foreach (var page in (string[])["/", "/job/clock", $"/job/clock/build/{left}", $"/job/clock/build/{right}"])
            Assert.Contains("not reproducible: build time in bin/clock", await TextAsync(site, page), StringComparison.Ordinal);
        var failures = (await DocumentAsync(site, "/failed-builds")).QuerySelector("#not-reproducible")!;
        Assert.Contains("build time", failures.TextContent, StringComparison.Ordinal);
        Assert.Equal($"/job/clock/build/{right}", failures.QuerySelector("li a")!.GetAttribute("href"));
        // The older build stands at the left, whichever page asks.
        foreach (var build in (BuildUuid[])[left, right])
            Assert.NotNull(
                (await DocumentAsync(site, $"/job/clock/build/{build}")).QuerySelector($".note a[href='/compare/{left}/{right}']")
            );

        using var json = await JsonAsync(site, $"/job/clock/build/{right}");
        var reason = json.RootElement.GetProperty("not_reproducible");
        Assert.Equal(("known", "timestamp"), (reason.GetProperty("state").GetString(), reason.GetProperty("cause").GetString()));
        using var job = await JsonAsync(site, "/job/clock");
        Assert.All(
            job.RootElement.GetProperty("builds").EnumerateArray(),
            build => Assert.Equal("timestamp", build.GetProperty("not_reproducible").GetProperty("cause").GetString())
        );
    }

    [Fact]
    public async Task A_page_that_was_kept_while_the_reason_was_looked_for_is_made_anew()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        await UploadAsync(site, "bin/clock", Built(First), First);
        var build = await UploadAsync(site, "bin/clock", Built(First.AddHours(1)), First.AddHours(1));
        Assert.Contains("not reproducible", await TextAsync(site, $"/job/clock/build/{build}"), StringComparison.Ordinal);
        await IdleAsync(site.Web);
        var text = await TextAsync(site, $"/job/clock/build/{build}");
        Assert.Contains("not reproducible: build time", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "build time in bin/clock")]
    [InlineData(3, "no reason found")]
    public async Task What_a_killed_process_left_is_computed_at_the_next_start_but_not_for_ever(int attempts, string expected)
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        await UploadAsync(site, "bin/clock", Built(First), First);
        var build = await UploadAsync(site, "bin/clock", Built(First.AddHours(1)), First.AddHours(1));
        await IdleAsync(site.Web);
        Directory.Delete(Path.Combine(site.DataDirectory, "_cache"), recursive: true);
        await using (var database = await BuilderDatabase.OpenAsync(site.Database, Stop))
            await database.WriteAsync(
                session => session.ExecuteAsync("UPDATE difference SET causes = NULL, attempts = @attempts", Stop, ("@attempts", attempts)),
                Stop
            );

        await using var again = await site.AgainAsync();
        await IdleAsync(again);

        var page = await site.Http.GetStringAsync(new Uri(again.Address, $"/job/clock/build/{build}"), Stop);
        Assert.Contains($"not reproducible: {expected}", Text(Parse(page)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_and_values_of_strangers_are_text_and_hide_nothing()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        const string path = "bin/<b>\u202eexe";
        await UploadAsync(site, path, Encoding.UTF8.GetBytes("<script>one</script>\u202e\n"), First);
        var build = await UploadAsync(site, path, Encoding.UTF8.GetBytes("<script>two</script>\u202e\n"), First.AddHours(1));
        await IdleAsync(site.Web);
        foreach (var address in (string[])["/", "/job/clock", "/failed-builds", $"/job/clock/build/{build}"])
        {
            var page = await site.Http.GetStringAsync(new Uri(address, UriKind.Relative), Stop);
            Assert.DoesNotContain("\u202e", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<b>\\u202e", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>one", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Whoever_asks_for_a_comparison_gets_it_once_it_is_computed_with_the_path_of_each_artifact()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var left = await UploadAsync(site, "bin/clock", Built(First), First, ("share/note.txt", "one\n"));
        var right = await UploadAsync(site, "bin/clock", Built(First), First.AddHours(1), ("share/note.txt", "two\n"));
        var differences = site.Web.Services.GetRequiredService<IDifferences>();
        var (one, ofOne) = await FindAsync(site, left);
        var (other, ofOther) = await FindAsync(site, right);

        Assert.IsType<DifferenceAnswer.Computing>(await differences.FindOrStartAsync(one, ofOne, other, ofOther, Stop));
        await IdleAsync(site.Web);

        var result = Assert.IsType<DifferenceAnswer.Known>(await differences.FindOrStartAsync(one, ofOne, other, ofOther, Stop)).Result;
        var artifact = Assert.Single(result.Root!.Children);
        Assert.Equal("share/note.txt", artifact.Path);
        Assert.StartsWith("share/note.txt", Assert.Single(result.Causes).Path, StringComparison.Ordinal);
        Assert.Equal(DifferenceStatus.Changed, artifact.Status);
    }

    [Theory]
    [InlineData("bin/*", "reproduced but for build time in bin/clock")]
    [InlineData("share/*", "not reproducible: build time in bin/clock")]
    public async Task Where_the_schedule_expects_each_difference_the_verdict_says_so(string path, string verdict)
    {
        await using var server = new FakeBuildServer(new ServerInfo([], [], [], []), [])
        {
            Answers = new Dictionary<string, string>
            {
                ["policies"] = $$"""{"jobs": [{"job": "clock", "expected_differences": [{"cause": "timestamp", "path": "{{path}}"}]}]}""",
            },
        };
        await using var site = await Site.EmptyAsync(options => options with { Server = server.Address });
        await site.AddUsersAsync();
        var left = await UploadAsync(site, "bin/clock", Built(First), First);
        var right = await UploadAsync(site, "bin/clock", Built(First.AddHours(1)), First.AddHours(1));
        await IdleAsync(site.Web);
        await KnownPoliciesAsync(site);

        var addresses = (string[])["/", "/job/clock", $"/job/clock/build/{left}", $"/job/clock/build/{right}"];
        foreach (var address in addresses)
            Assert.Contains(verdict, await TextAsync(site, address), StringComparison.Ordinal);
        var isExpected = verdict.StartsWith("reproduced", StringComparison.Ordinal);
        Assert.Equal(isExpected, (await DocumentAsync(site, "/failed-builds")).QuerySelector("#not-reproducible") is null);
        using var json = await JsonAsync(site, $"/job/clock/build/{right}");
        Assert.Equal(isExpected, json.RootElement.GetProperty("not_reproducible").GetProperty("expected").GetBoolean());
    }

    /// <summary>The site asks for them when it starts; they are there once a row is.</summary>
    private static async Task KnownPoliciesAsync(Site site)
    {
        var database = site.Web.Services.GetRequiredService<BuilderDatabase>();
        while (true)
        {
            Stop.ThrowIfCancellationRequested();
            await using var session = await database.OpenReadAsync(Stop);
            if (await session.AnyAsync("SELECT 1 FROM job_policy", Stop))
                return;
            await Task.Yield();
        }
    }

    private static byte[] Built(DateTimeOffset time) => Encoding.UTF8.GetBytes($"hello\nbuilt {time.AddMinutes(1):yyyy-MM-dd HH:mm:ss}\n");

    private static async Task<BuildUuid> UploadAsync(
        Site site,
        string main,
        byte[] content,
        DateTimeOffset started,
        params (string Path, string Content)[] more
    )
    {
        var uuid = BuildUuid.NewRandom();
        var empty = Encoding.UTF8.GetBytes("opam-version: \"2.0\"\n");
        var exec = await Uploads.ExecAsync(
            "clock",
            uuid,
            started,
            [
                (main, content),
                ("opam-switch", empty),
                ("build-environment", [65]),
                ("system-packages", [66]),
                .. more.Select(file => (file.Path, Encoding.UTF8.GetBytes(file.Content))),
            ]
        );
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return uuid;
    }

    private static Task IdleAsync(BuilderWeb web) =>
        web.Services.GetRequiredService<DifferenceComputation>().WhenIdleAsync().WaitAsync(TimeSpan.FromMinutes(1), Stop);

    private static async Task<(BuildFacts Build, List<ArtifactFacts> Files)> FindAsync(Site site, BuildUuid uuid)
    {
        await using var session = await site.Web.Services.GetRequiredService<BuilderDatabase>().OpenReadAsync(Stop);
        var build = await BuildQueries.FindAsync(session, uuid, Stop);
        return (build!, await BuildQueries.ArtifactsAsync(session, build!.Id, Stop));
    }

    private static async Task<IDocument> DocumentAsync(Site site, string address) =>
        Parse(await site.Http.GetStringAsync(new Uri(address, UriKind.Relative), Stop));

    private static async Task<string> TextAsync(Site site, string address) => Text(await DocumentAsync(site, address));

    private static IDocument Parse(string page) => new HtmlParser().ParseDocument(page);

    private static string Text(IDocument document) => document.Body!.TextContent;

    private static async Task<JsonDocument> JsonAsync(Site site, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await site.Http.SendAsync(request, Stop);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
    }
}
