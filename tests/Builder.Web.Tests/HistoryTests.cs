using System.Text.Json;
using Builder.Protocol.Values;

namespace Builder.Web.Tests;

/// <summary>The numbers of a job over time, as charts, table, JSON and CSV.</summary>
public sealed class HistoryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Numbers_of_each_build_are_drawn_listed_and_marked_where_inputs_changed()
    {
        await using var site = await Site.FilledAsync();
        await site.AddUsersAsync();
        await UploadAsync(
            site,
            0,
            size: 1000,
            package: "1",
            usage: "builder: 1.50 s of processor time, 12.5 MiB of memory at most, 0.0 MiB written"
        );
        await UploadAsync(site, 1, size: 2000, package: "1", usage: null);
        await UploadAsync(site, 2, size: 3000, package: "2", usage: null);
        await site.IndexedAsync();

        using var request = new HttpRequestMessage(HttpMethod.Get, "/job/numbers/history");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await site.Http.SendAsync(request, Stop);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
        var builds = json.RootElement.GetProperty("builds").EnumerateArray().ToList();
        Assert.Equal([1000, 2000, 3000], builds.Select(static build => build.GetProperty("main_binary_size").GetInt64()));
        Assert.Equal([false, false, true], builds.Select(static build => build.GetProperty("inputs_changed").GetBoolean()));
        Assert.Equal(1.5, builds[0].GetProperty("cpu_seconds").GetDouble());
        Assert.Equal(13107200, builds[0].GetProperty("memory_bytes").GetInt64());
        Assert.Equal(JsonValueKind.Null, builds[1].GetProperty("cpu_seconds").ValueKind);

        var csv = (await site.Http.GetStringAsync("/job/numbers/history.csv", Stop)).Split("\r\n");
        Assert.Equal(5, csv.Length);
        Assert.Equal(11, csv[0].Split(',').Length);
        Assert.Contains(",3000,", csv[3], StringComparison.Ordinal);

        var page = await site.Http.PageAsync("/job/numbers/history");
        var points = page.QuerySelector(".chart")!.QuerySelectorAll("a");
        Assert.Equal(3, points.Length);
        Assert.All(points, static point => Assert.StartsWith("/job/numbers/build/", point.GetAttribute("href"), StringComparison.Ordinal));
        Assert.Contains("inputs changed", points[2].GetAttribute("aria-label"), StringComparison.Ordinal);
        var job = await site.Http.PageAsync("/job/numbers");
        Assert.NotEmpty(job.QuerySelectorAll(".chart a"));
    }

    private static async Task UploadAsync(Site site, int hour, int size, string package, string? usage)
    {
        var exec = await Uploads.ExecAsync(
            "numbers",
            BuildUuid.Parse($"00000000-0000-4000-8000-0000000000{hour:00}"),
            Site.Recorded.AddHours(-10 + hour),
            [
                ("bin/numbers", new byte[size]),
                ("opam-switch", "opam-version: \"2.0\"\n"u8.ToArray()),
                ("build-environment", "A=1\n"u8.ToArray()),
                ("system-packages", System.Text.Encoding.ASCII.GetBytes($"make={package}\n")),
            ],
            usage is null ? ["+ make"] : ["+ make", usage]
        );
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }
}
