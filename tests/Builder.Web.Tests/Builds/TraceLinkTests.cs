using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Web.Options;

namespace Builder.Web.Tests.Builds;

/// <summary>Build pages link to traces where the operator says where those are shown.</summary>
public sealed class TraceLinkTests
{
    private static readonly BuildUuid Build = BuildUuid.Parse("b92c500e-03fc-44d9-95de-50e5e6f91479");

    [Fact]
    public async Task A_build_page_links_to_the_trace_and_its_JSON_names_it()
    {
        Assert.True(TraceLink.TryParse("https://traces.example.org/trace/{trace_id}?x=\"1\"", out var link, out _));
        await using var site = await Site.EmptyAsync(options => options with { Traces = link });
        await UploadAsync(site);

        using var page = await site.Http.PageAsync($"/job/traced/build/{Build}");
        var json = await JsonAsync(site);

        const string Address = "https://traces.example.org/trace/b92c500e03fc44d995de50e5e6f91479?x=\"1\"";
        Assert.Equal("b92c500e03fc44d995de50e5e6f91479", page.QuerySelector($"a[href='{Address}']")?.TextContent);
        Assert.Equal(Address, json.GetProperty("trace_url").GetString());
        Assert.Equal("b92c500e03fc44d995de50e5e6f91479", json.GetProperty("trace_id").GetString());
    }

    [Fact]
    public async Task Without_the_option_nothing_is_said_of_traces()
    {
        await using var site = await Site.EmptyAsync();
        await UploadAsync(site);

        var json = await JsonAsync(site);
        using var page = await site.Http.PageAsync($"/job/traced/build/{Build}");

        Assert.False(json.TryGetProperty("trace_id", out _));
        Assert.DoesNotContain("trace", page.Texts("dt"));
    }

    [Theory]
    [InlineData("https://traces.example.org/", "\"https://traces.example.org/\" does not have {trace_id}, where the id of the trace goes")]
    [InlineData(
        "javascript:{trace_id}",
        "\"javascript:{trace_id}\" is not an http or https URL such as https://jaeger.example.org/trace/{trace_id}"
    )]
    public void A_template_that_cannot_be_used_is_refused(string template, string reason)
    {
        Assert.False(TraceLink.TryParse(template, out _, out var said));
        Assert.Equal(reason, said);
    }

    private static async Task<JsonElement> JsonAsync(Site site)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/job/traced/build/{Build}");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return json.RootElement.Clone();
    }

    private static async Task UploadAsync(Site site)
    {
        await site.AddUsersAsync();
        var exec = await Uploads.ExecAsync("traced", Build, Site.Recorded, [("bin/traced", new byte[10])]);
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.True(answer.IsSuccessStatusCode);
    }
}
