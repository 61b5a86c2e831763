using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Builder.Protocol.Values;

namespace Builder.Web.Tests.Compare;

/// <summary>Why the output differs, on the page of a comparison, on the pages of its parts, and as JSON.</summary>
public sealed class CompareDifferenceTests
{
    private static readonly BuildUuid Before = BuildUuid.Parse("0b7a53a2-2a3a-4d43-8a0c-5a2fcae2e011");
    private static readonly BuildUuid After = BuildUuid.Parse("0b7a53a2-2a3a-4d43-8a0c-5a2fcae2e012");

    [Fact]
    public async Task The_first_section_has_causes_with_evidence_and_fix_and_then_every_artifact_that_differs()
    {
        await using var site = await FilledAsync();
        await KnownAsync(site);

        using var page = await site.Http.PageAsync($"/compare/{Before}/{After}");
        Assert.Equal("why", page.QuerySelector("main section")!.Id);
        Assert.Equal(["content", "timestamp"], page.QuerySelectorAll("#why .causes .badge").Select(badge => badge.TextContent));
        var dated = page.QuerySelectorAll("#why .causes > li")
            .Single(cause => cause.TextContent.Contains("share/info.txt", StringComparison.Ordinal));
        Assert.Contains("SOURCE_DATE_EPOCH", dated.TextContent, StringComparison.Ordinal);
        Assert.Equal("/reproducible#timestamp", dated.QuerySelector("a[href^='/reproducible']")!.GetAttribute("href"));
        var names = page.QuerySelectorAll("#difference > .inside > details > summary > code").Select(name => name.TextContent).ToList();
        Assert.Contains("share/info.txt", names);
        Assert.Contains("+ share/<b>new", names);
        Assert.DoesNotContain("share/same.txt", names);
        Assert.Equal("22", page.Text("#difference .sides .del mark"));
        Assert.Null(page.QuerySelector("#difference b"));
    }

    [Fact]
    public async Task Each_part_has_a_page_of_its_own_that_stays()
    {
        await using var site = await FilledAsync();
        await KnownAsync(site);
        using var page = await site.Http.PageAsync($"/compare/{Before}/{After}");
        var address = page.QuerySelectorAll("#why .causes > li")
            .Single(cause => cause.TextContent.Contains("share/info.txt", StringComparison.Ordinal))
            .QuerySelector("a")!
            .GetAttribute("href")!;
        Assert.StartsWith($"/compare/{Before}/{After}/difference/", address, StringComparison.Ordinal);

        using var part = await site.Http.PageAsync(address);
        Assert.Contains("share/info.txt", part.Text("h1"), StringComparison.Ordinal);
        Assert.NotNull(part.QuerySelector("#difference .sides"));
        using var none = await site.Http.GetAsync(
            $"/compare/{Before}/{After}/difference/000000000000",
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Programs_get_it_in_the_comparison_where_they_ask_and_at_an_address_of_its_own()
    {
        await using var site = await FilledAsync();
        var json = await KnownAsync(site);
        Assert.False(json["same"]!.GetValue<bool>());
        Assert.Equal(["content", "timestamp"], json["causes"]!.AsArray().Select(cause => cause!["cause"]!.GetValue<string>()));
        var comparison = await JsonAsync(site, $"/compare/{Before}/{After}?difference");
        Assert.True(JsonNode.DeepEquals(json, comparison["difference"]));
        Assert.Null((await JsonAsync(site, $"/compare/{Before}/{After}"))["difference"]);
    }

    private static async Task<Site> FilledAsync()
    {
        var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        await UploadAsync(
            site,
            Before,
            ("bin/hello", "hello\n"),
            ("share/info.txt", "name: hello\nbuilt on 2026-11-22 06:00:01\n"),
            ("share/same.txt", "x\n")
        );
        await UploadAsync(
            site,
            After,
            ("bin/hello", "hello\n"),
            ("share/info.txt", "name: hello\nbuilt on 2026-11-23 06:00:01\n"),
            ("share/same.txt", "x\n"),
            ("share/<b>new", "y\n")
        );
        return site;
    }

    private static async Task UploadAsync(Site site, BuildUuid uuid, params (string Path, string Text)[] files)
    {
        var exec = await Uploads.ExecAsync(
            "hello",
            uuid,
            Site.Recorded.AddHours(-1),
            [.. files.Select(file => (file.Path, Encoding.UTF8.GetBytes(file.Text)))]
        );
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.True(answer.IsSuccessStatusCode);
    }

    /// <summary>Asks until it is computed.</summary>
    private static async Task<JsonNode> KnownAsync(Site site)
    {
        while (true)
        {
            var json = await JsonAsync(site, $"/compare/{Before}/{After}/difference");
            if (json["status"] is null)
                return json;
            Assert.Equal("computing", json["status"]!.GetValue<string>());
            await Task.Yield();
        }
    }

    private static async Task<JsonNode> JsonAsync(Site site, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }
}
