using System.Diagnostics;
using System.Text.Json.Nodes;
using Builder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Tests.Triage;

/// <summary><c>builder triage</c> of files and of builds on a small site.</summary>
public sealed class TriageCommandTests : IAsyncLifetime
{
    private const string Uuid = "b92c500e-03fc-44d9-95de-50e5e6f91479";
    private const string Absent = "b92c500e-03fc-44d9-95de-50e5e6f91470";
    private const string Answer =
        """{"line":7,"text":"error: no","tool":"error","context":["error: no"],"fingerprint":"0123456789abcdef"}""";

    private readonly WebApplication site;

    public TriageCommandTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        site = builder.Build();
        site.MapGet($"/triage/{Uuid}", () => Results.Text(Answer, "application/json"));
    }

    [Fact]
    public async Task Of_a_file_the_line_is_printed_as_text_and_as_json()
    {
        using var directory = new TemporaryDirectory();
        var log = directory["build.log"];
        await File.WriteAllTextAsync(log, "cc -c a.c\na.c:1:2: error: expected ';'\n", TestContext.Current.CancellationToken);
        var (exitCode, output, _) = await RunAsync("triage", log);
        Assert.Equal(0, exitCode);
        Assert.StartsWith("line 2, gcc: a.c:1:2: error: expected ';'\n", output, StringComparison.Ordinal);
        var json = JsonNode.Parse((await RunAsync("triage", log, "--json")).Output)!;
        Assert.Equal(2, json["line"]!.GetValue<int>());
        Assert.Equal(16, json["fingerprint"]!.GetValue<string>().Length);

        await File.WriteAllTextAsync(log, "cc -c a.c\nall is well\n", TestContext.Current.CancellationToken);
        (exitCode, output, var error) = await RunAsync("triage", log);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("looks like an error", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_build_the_site_is_asked()
    {
        var (exitCode, output, _) = await RunAsync("triage", Uuid, "--site", Address, "--json");
        Assert.Equal((0, Answer + "\n"), (exitCode, output));
        Assert.Equal(2, (await RunAsync("triage", Absent, "--site", Address)).ExitCode);
    }

    [Theory]
    [InlineData("/nonexistent/build.log", "/nonexistent/build.log")]
    [InlineData("/", "is a directory")]
    [InlineData(Uuid, "give --site URL")]
    public async Task What_cannot_be_read_is_trouble(string name, string message)
    {
        var (exitCode, _, error) = await RunAsync("triage", name);
        Assert.Equal(2, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    public async ValueTask InitializeAsync() => await site.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => site.DisposeAsync();

    private string Address => site.Urls.Single();

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "builder"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["BUILDER_SITE"] = "" },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }
}
