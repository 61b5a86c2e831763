using System.Net;
using System.Text.Json.Nodes;
using Builder.Protocol.Values;
using Builder.Storage;
using Builder.Storage.Maintenance;

namespace Builder.Web.Tests;

public sealed class RemovedBuildTests
{
    private const string Old = "/job/expired-job/build/149603e6-c035-4636-aa8d-a23f624db945";
    private const string Hello = "4e467a04-af65-4b95-9a98-d426445e1feb";
    private const string Kept = "8e621bd5-e8d1-4d4e-94c8-f9fd28a5089b";

    [Fact]
    public async Task What_a_removed_build_was_is_still_said_and_the_pages_know_at_once()
    {
        await using var site = await Site.FilledAsync();
        const string hash = "/hash?sha256=f0e3308d45c1d13e27349872fe009f3769a3d4a007261cc43e434ac6d858049e";
        using (var before = await site.Http.GetAsync(Old, TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        using (var before = await site.Http.GetAsync(hash, TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.Found, before.StatusCode);

        await RemoveAsync(site, "149603e6-c035-4636-aa8d-a23f624db945");

        using var page = await site.Http.PageAsync(Old, HttpStatusCode.Gone);
        Assert.Contains("removed on 22 Nov 2026", page.Text(".head p"), StringComparison.Ordinal);
        using var found = await site.Http.PageAsync(hash, HttpStatusCode.Gone);
        Assert.Contains("149603e6-c035-4636-aa8d-a23f624db945", found.Text(".head p"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_was_below_a_removed_build_says_so_to_people_and_to_programs()
    {
        await using var site = await Site.FilledAsync();
        await RemoveAsync(site, "149603e6-c035-4636-aa8d-a23f624db945");
        string[] parts =
        [
            "",
            "/f/bin/hello.hvt",
            "/f/what%20never%20was",
            "/console",
            "/log",
            "/script",
            "/main-binary",
            "/exec",
            "/all.tar.gz",
            "/viztreemap",
            "/vizdependencies",
            "/sbom.cdx.json",
            "/sbom.spdx.json",
            "/buildinfo",
            "/proof",
            "/SHA256.sig",
        ];
        foreach (var part in parts)
        {
            using (var page = await site.Http.PageAsync(Old + part, HttpStatusCode.Gone))
                Assert.Contains("removed on 22 Nov 2026", page.Text(".head p"), StringComparison.Ordinal);
            var problem = await ProblemAsync(site, Old + part);
            Assert.Equal("149603e6-c035-4636-aa8d-a23f624db945", problem["removed_build"]!["uuid"]!.GetValue<string>());
            Assert.Equal("2026-11-22T17:06:00-00:00", problem["removed_build"]!["removed"]!.GetValue<string>());
            Assert.Equal("bin/hello.hvt", problem["removed_build"]!["main_binary"]!["filename"]!.GetValue<string>());
            Assert.Equal(64, problem["removed_build"]!["main_binary"]!["sha256"]!.GetValue<string>().Length);
            Assert.NotNull(problem["removed_build"]!["finish_time"]);
            Assert.True(problem["removed_build"]!.AsObject().ContainsKey("input_id"));
        }
        // Under another job's name there never was such a build.
        foreach (var part in parts)
        {
            using var page = await site.Http.PageAsync(
                Old.Replace("expired-job", "hello", StringComparison.Ordinal) + part,
                HttpStatusCode.NotFound
            );
            Assert.Equal("Not found", page.Text("h1"));
        }
    }

    [Theory]
    [InlineData("/f/bin/hello.hvt")]
    [InlineData("/main-binary")]
    public async Task A_removed_file_leads_to_a_build_that_still_has_the_content(string part)
    {
        await using var site = await Site.FilledAsync();
        var content = await site.Http.GetByteArrayAsync($"/job/hello/build/{Hello}/f/bin/hello.hvt", TestContext.Current.CancellationToken);
        await RemoveAsync(site, Hello);
        using var page = await site.Http.PageAsync($"/job/hello/build/{Hello}{part}", HttpStatusCode.Gone);
        var link = page.QuerySelector("main ul a")!.GetAttribute("href")!;
        Assert.Equal(link, (await ProblemAsync(site, $"/job/hello/build/{Hello}{part}"))["same_content"]!.GetValue<string>());
        Assert.Equal(content, await site.Http.GetByteArrayAsync(link, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_comparison_says_which_side_was_removed()
    {
        await using var site = await Site.FilledAsync();
        await RemoveAsync(site, Hello);
        using (var left = await site.Http.PageAsync($"/compare/{Hello}/{Kept}", HttpStatusCode.Gone))
        {
            Assert.StartsWith(
                "The left build was removed: hello was built on debian-12 then, on 10 Nov 2026",
                left.Text(".head p"),
                StringComparison.Ordinal
            );
            Assert.DoesNotContain("right build was removed", left.Text(".head p"), StringComparison.Ordinal);
            Assert.Equal($"/job/hello/build/{Kept}", left.QuerySelector("main ul a")!.GetAttribute("href"));
        }
        var right = await ProblemAsync(site, $"/compare/{Kept}/{Hello}");
        Assert.Null(right["removed_left"]);
        Assert.Equal(Hello, right["removed_right"]!["uuid"]!.GetValue<string>());
        await RemoveAsync(site, Kept);
        var both = await ProblemAsync(site, $"/compare/{Kept}/{Hello}");
        Assert.Equal(Kept, both["removed_left"]!["uuid"]!.GetValue<string>());
        Assert.Equal(Hello, both["removed_right"]!["uuid"]!.GetValue<string>());
        using var unknown = await site.Http.PageAsync($"/compare/{Hello}/b92c500e-03fc-44d9-95de-50e5e6f91479", HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("149603e6-c035-4636-aa8d-a23f624db945", Old)]
    [InlineData(
        "f0e3308d45c1d13e27349872fe009f3769a3d4a007261cc43e434ac6d858049e",
        "/hash?sha256=f0e3308d45c1d13e27349872fe009f3769a3d4a007261cc43e434ac6d858049e"
    )]
    public async Task The_search_finds_what_was_removed(string query, string address)
    {
        await using var site = await Site.FilledAsync();
        await RemoveAsync(site, "149603e6-c035-4636-aa8d-a23f624db945");
        using var answer = await site.Http.GetAsync("/search?q=" + query, TestContext.Current.CancellationToken);
        Assert.Equal(address, answer.Headers.Location?.OriginalString);
    }

    internal static async Task RemoveAsync(Site site, string uuid)
    {
        await using var storage = await BuilderStorage.OpenAsync(site.Database, site.Clock, TestContext.Current.CancellationToken);
        var removal = new BuildRemoval(storage, site.Clock);
        var all = await removal.SelectAsync(
            new RemovalSelection.OlderThan(Timestamp.From(Site.Recorded)),
            TestContext.Current.CancellationToken
        );
        await removal.RemoveAsync(
            [all.Single(build => build.Uuid == BuildUuid.Parse(uuid))],
            progress: null,
            TestContext.Current.CancellationToken
        );
    }

    private static async Task<JsonNode> ProblemAsync(Site site, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }
}
