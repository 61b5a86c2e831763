using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>What the site counts, as Prometheus reads it.</summary>
public sealed class SiteMetricsTests
{
    [Fact]
    public async Task Uploads_and_pages_are_counted_by_outcome()
    {
        using var directory = new TemporaryDirectory();
        var data = directory["web"];
        Assert.Equal(0, (await BuilderProcess.RunAsync(["db", "migrate", "--datadir", data])).ExitCode);
        Assert.Equal(
            0,
            (await BuilderProcess.RunAsync(["db", "user-add", "free", "--unrestricted", "--datadir", data], "secret\n")).ExitCode
        );
        Assert.Equal(0, (await BuilderProcess.RunAsync(["db", "user-add", "bound", "--datadir", data], "secret\n")).ExitCode);
        await using var web = BuilderProcess.Start(
            "web",
            "--port",
            "0",
            "--metrics",
            "0",
            "--datadir",
            data,
            "--configdir",
            directory["config"]
        );
        using var site = new HttpClient { BaseAddress = await AddressAsync(web, "listening on ") };
        using var operations = new HttpClient { BaseAddress = await AddressAsync(web, "metrics and health on ") };

        await SendAsync(site, "free:secret", "/job/hello/platform/debian-12/upload", HttpStatusCode.Created);
        await SendAsync(site, "bound:secret", "/job/hello/platform/debian-12/upload", HttpStatusCode.Forbidden);
        await SendAsync(site, "free:secret", "/upload", HttpStatusCode.BadRequest);
        await SendAsync(site, "free:wrong", "/upload", HttpStatusCode.Unauthorized);
        for (var time = 0; time < 3; time++)
            await site.GetStringAsync("/failed-builds", TestContext.Current.CancellationToken);

        var metrics = (await operations.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n');
        foreach (var outcome in (string[])["stored", "forbidden", "malformed", "unauthorized"])
            Assert.Equal(1, Value(metrics, "builder_web_uploads_total", $"outcome=\"{outcome}\""));
        Assert.Equal(2, Value(metrics, "builder_web_answers_total", "source=\"kept\""));
        Assert.Equal(1, Value(metrics, "builder_web_answers_total", "source=\"made\""));
        Assert.Equal(0, Value(metrics, "builder_web_expensive_waiting", ""));
        Assert.Equal(3, Value(metrics, "http_server_request_duration_seconds_count", "http_route=\"/failed-builds\""));
        Assert.Equal("well\n", await operations.GetStringAsync("/health", TestContext.Current.CancellationToken));
    }

    private static async Task<Uri> AddressAsync(BuilderProcess web, string before)
    {
        var line = await web.LineAsync(line => line.Contains(before, StringComparison.Ordinal));
        return new Uri(line[(line.IndexOf(before, StringComparison.Ordinal) + before.Length)..]);
    }

    private static async Task SendAsync(HttpClient site, string account, string address, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent([1, 2, 3]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(account)));
        using var answer = await site.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(expected, answer.StatusCode);
    }

    private static double Value(string[] metrics, string name, string label)
    {
        var line = Assert.Single(metrics, line => line.Split('{', ' ')[0] == name && line.Contains(label, StringComparison.Ordinal));
        return double.Parse(
            line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
            CultureInfo.InvariantCulture
        );
    }
}
