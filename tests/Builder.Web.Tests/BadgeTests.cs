using System.Net;
using System.Text.Json;
using System.Xml.Linq;

namespace Builder.Web.Tests;

/// <summary>Badges say how a job does, whatever there is to say.</summary>
public sealed class BadgeTests(FilledSite filled) : IClassFixture<FilledSite>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/job/hello/badge", "build", "passing|failing.*")]
    [InlineData("/job/never-heard-of/badge", "build", "never built")]
    [InlineData("/job/hello/badge?platform=plan9", "build", "never built")]
    [InlineData("/job/hello/badge?show=size", "size", @"[0-9.]+ .?B")]
    [InlineData("/job/hello/badge?show=reproducible", "reproducible", "yes|no|built once|inputs unknown")]
    [InlineData("/job/hello/badge?show=version", "version", ".+")]
    [InlineData("/job/%3Cb%3E%26/badge", "build", "never built")]
    public async Task Picture_and_json_say_the_same(string address, string label, string message)
    {
        var (path, query) = address.Split('?') is [var before, var after] ? (before, "?" + after) : (address, "");
        using var json = JsonDocument.Parse(await filled.Http.GetStringAsync($"{path}.json{query}", Stop));
        Assert.Equal(1, json.RootElement.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(label, json.RootElement.GetProperty("label").GetString());
        var said = json.RootElement.GetProperty("message").GetString()!;
        Assert.Matches($@"\A(?:{message})\z", said);

        using var answer = await filled.Http.GetAsync($"{path}.svg{query}", Stop);
        Assert.Equal("image/svg+xml", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(TimeSpan.FromSeconds(60), answer.Headers.CacheControl?.MaxAge);
        var picture = XDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
        Assert.Equal($"{label}: {said}", (string?)picture.Root!.Attribute("aria-label"));
    }

    [Fact]
    public async Task Unchanged_badge_is_not_sent_again_and_an_unknown_one_is_refused()
    {
        using var first = await filled.Http.GetAsync("/job/hello/badge.svg", Stop);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/job/hello/badge.svg");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await filled.Http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        using var refused = await filled.Http.GetAsync("/job/hello/badge.svg?show=mood", Stop);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task A_job_that_runs_or_waits_for_its_first_build_is_building()
    {
        await using var server = new FakeBuildServer(LiveTests.Info(), LiveTests.Console);
        await using var site = await Site.FilledAsync(options => options with { Server = server.Address });

        using var running = JsonDocument.Parse(await site.Http.GetStringAsync("/job/hello/badge.json?platform=debian-12", Stop));
        Assert.Equal("building", running.RootElement.GetProperty("message").GetString());
        using var waiting = JsonDocument.Parse(await site.Http.GetStringAsync("/job/albatross/badge.json?platform=debian-12", Stop));
        Assert.NotEqual("never built", waiting.RootElement.GetProperty("message").GetString());
        // What does not run says how it did.
        using var other = JsonDocument.Parse(await site.Http.GetStringAsync("/job/hello/badge.json?platform=plan9", Stop));
        Assert.Equal("never built", other.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Short_address_leads_to_the_json()
    {
        using var answer = await filled.Http.GetAsync("/badge/hello.json?show=size", Stop);
        Assert.Equal("/job/hello/badge.json?show=size", answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Page_of_a_job_has_the_markdown_to_copy()
    {
        var page = await filled.Http.PageAsync("/job/hello");
        Assert.Contains("/job/hello/badge.svg)](", page.Text("#badges pre"), StringComparison.Ordinal);
    }
}
