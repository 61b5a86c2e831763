using System.Net;
using Builder.Protocol.Values;
using Microsoft.Extensions.Logging;

namespace Builder.Web.Tests;

/// <summary>What an operator sees of the site: health, and the log of uploads. What is counted is the whole process's: see the end-to-end tests.</summary>
public sealed class OperationsTests
{
    private static readonly BuildUuid Uuid = BuildUuid.Parse("0b7a53a2-2a3a-4d43-8a0c-5a2fcae2e011");

    [Fact]
    public async Task Each_port_has_only_what_belongs_there()
    {
        await using var site = await Site.EmptyAsync(static options => options with { MetricsPort = 0 });
        using var operations = new HttpClient { BaseAddress = site.Web.OperationsAddress };
        foreach (var path in (string[])["/metrics", "/health"])
        {
            using var hidden = await site.Http.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        }
        foreach (var path in (string[])["/", "/failed-builds", "/robots.txt"])
        {
            using var elsewhere = await operations.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        }
        Assert.Equal("well\n", await operations.GetStringAsync("/health", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_site_that_cannot_take_anything_in_is_not_well_and_says_why()
    {
        await using var site = await Site.EmptyAsync(static options => options with { MetricsPort = 0 });
        using var operations = new HttpClient { BaseAddress = site.Web.OperationsAddress };
        var staging = Path.Combine(site.DataDirectory, "_staging");
        Directory.Delete(staging, recursive: true);
        await File.WriteAllTextAsync(staging, "in the way", TestContext.Current.CancellationToken);

        using var answer = await operations.GetAsync("/health", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains(staging, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_says_what_became_of_each_upload_and_never_a_password()
    {
        using var log = new LogRecorder();
        await using var site = await Site.FilledAsync(logging: builder => builder.AddProvider(log));
        var exec = await Uploads.ExecAsync("fresh", Uuid, Site.Recorded, []);
        await SendAsync(site, "admin", "pw-admin", exec, HttpStatusCode.Created);
        await SendAsync(site, "restr", "pw-restr", exec, HttpStatusCode.Forbidden);
        await SendAsync(site, "pw-admin", "secret", exec, HttpStatusCode.Unauthorized);

        Assert.Contains($"Information: build {Uuid} of job fresh on debian-12 stored, sent by admin", log.Lines);
        Assert.Contains("Warning: upload refused: restr may not send builds of job fresh (builder db access-add)", log.Lines);
        Assert.Contains("Warning: upload refused: 127.0.0.1 gave no name and password that belong together", log.Lines);
        Assert.DoesNotContain(
            log.Lines,
            line => line.Contains("pw-", StringComparison.Ordinal) || line.Contains("secret", StringComparison.Ordinal)
        );
    }

    private static async Task SendAsync(Site site, string user, string password, byte[] body, HttpStatusCode expected)
    {
        using var answer = await site.UploadAsync(user, password, body);
        Assert.Equal(expected, answer.StatusCode);
    }
}
