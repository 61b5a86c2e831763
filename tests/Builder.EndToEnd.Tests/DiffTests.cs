using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>builder diff as scripts call it, with standard input and a real site.</summary>
public sealed class DiffTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    [Fact]
    public async Task Standard_input_is_one_side_and_the_exit_code_tells_same_different_and_trouble()
    {
        await File.WriteAllTextAsync(directory["a"], "built on 2026-11-22 06:00:01\n", TestContext.Current.CancellationToken);

        Assert.Equal((0, "same content"), await BuilderProcess.RunAsync(["diff", "-", directory["a"]], "built on 2026-11-22 06:00:01\n"));
        var (different, output) = await BuilderProcess.RunAsync(["diff", directory["a"], "-"], "built on 2026-11-23 07:10:59\n");
        Assert.Equal(1, different);
        Assert.StartsWith("timestamp", output, StringComparison.Ordinal);
        var (trouble, reason) = await BuilderProcess.RunAsync(["diff", directory["a"], directory["none"]]);
        Assert.Equal(2, trouble);
        Assert.Contains($"cannot open \"{directory["none"]}\": no such file or directory", reason, StringComparison.Ordinal);
        Assert.Equal(2, (await BuilderProcess.RunAsync(["diff", directory["a"], directory["a"], "--exclude", "weather"])).ExitCode);
    }

    [Fact]
    public async Task Builds_and_artifacts_of_a_site_are_compared()
    {
        var data = directory["web"];
        Assert.Equal(0, (await BuilderProcess.RunAsync(["db", "migrate", "--datadir", data])).ExitCode);
        Assert.Equal(
            0,
            (await BuilderProcess.RunAsync(["db", "user-add", "free", "--unrestricted", "--datadir", data], "secret\n")).ExitCode
        );
        await using var web = BuilderProcess.Start("web", "--port", "0", "--datadir", data, "--configdir", directory["config"]);
        const string Before = "listening on ";
        var line = await web.LineAsync(line => line.Contains(Before, StringComparison.Ordinal));
        var address = new Uri(line[(line.IndexOf(Before, StringComparison.Ordinal) + Before.Length)..]);
        using var site = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address };
        var first = await UploadAsync(site, "built on 2026-11-22 06:00:01\n");
        var second = await UploadAsync(site, "built on 2026-11-23 07:10:59\n");

        var (exitCode, output) = await BuilderProcess.RunAsync(["diff", first.ToString(), second.ToString()]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("timestamp", output, StringComparison.Ordinal);
        Assert.Equal(0, (await BuilderProcess.RunAsync(["diff", first.ToString(), first.ToString()])).ExitCode);
        Assert.Equal(1, (await BuilderProcess.RunAsync(["diff", $"{first}/main-binary", "-"], "built on 2026-11-23 07:10:59\n")).ExitCode);
        Assert.Equal(0, (await BuilderProcess.RunAsync(["diff", $"{second}/main-binary", "-"], "built on 2026-11-23 07:10:59\n")).ExitCode);
        Assert.Equal(
            2,
            (await BuilderProcess.RunAsync(["diff", new Uri(address, "/job/nope/build/latest").ToString(), second.ToString()])).ExitCode
        );
    }

    public void Dispose() => directory.Dispose();

    private static async Task<Uri> UploadAsync(HttpClient site, string content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/job/hello/platform/debian-12/upload")
        {
            Content = new StringContent(content),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes("free:secret"))
        );
        using var answer = await site.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return new Uri(site.BaseAddress!, answer.Headers.Location!);
    }
}
