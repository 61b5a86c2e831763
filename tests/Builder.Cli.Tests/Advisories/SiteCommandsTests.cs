using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Tests.Advisories;

/// <summary>Commands that ask a site, here a small one.</summary>
public sealed class SiteCommandsTests : IAsyncLifetime
{
    private const string Uuid = "b92c500e-03fc-44d9-95de-50e5e6f91479";
    private const string Found =
        """{"advisories":[{"id":"OSEC-1","package":"tls","version":"2.0.1","severity":null,"fixed":"2.1.0","module_linked":null,"title":"A fault"}]}""";
    private const string Places =
        """{"versions":[],"places":[{"job":"a","platform":"debian-12","affected":true,"versions":["1.0.3"],"latest_versions":["1.0.3"],"latest":{"uuid":"U","start_time":"T"}}]}""";

    private const string Lines =
        """{"consoles":{"consoles":7,"complete":false,"places":[{"job":"a","platform":"debian-12","build":{"uuid":"U","start_time":"T"},"line":3,"line_text":"ld: undefined","lines":1,"other_builds":2}]}}""";
    private const string NoLines = """{"consoles":{"consoles":7,"complete":true,"places":[]}}""";

    private readonly WebApplication site;

    public SiteCommandsTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        site = builder.Build();
        site.MapGet($"/build/{Uuid}/advisories", () => Results.Redirect($"/job/hello/build/{Uuid}/advisories"));
        site.MapGet($"/job/hello/build/{Uuid}/advisories", () => Results.Text(Found, "application/json"));
        site.MapGet("/job/clean/build/latest/advisories", () => Results.Text("""{"advisories":[]}""", "application/json"));
        site.MapGet(
            "/job/unknown/build/latest/advisories",
            () => Results.Text("""{"detail":"Nothing names its packages."}""", "application/json", null, 409)
        );
        site.MapGet("/job/odd/build/latest/advisories", () => Results.Text("<html>", "text/html"));
        site.MapGet(
            "/package/opam/tls",
            (string? versions) => Results.Text(versions == "<1.0.4" ? Places : """{"versions":[],"places":[]}""", "application/json")
        );
        site.MapGet(
            "/symbol/{name}",
            (string name) =>
                name == "ml_z%2Fpow"
                    ? Results.Text(Places.Replace("\"1.0.3\"", "", StringComparison.Ordinal), "application/json")
                    : Results.NotFound()
        );
        site.MapGet(
            "/search",
            (string q, string job) => Results.Text((q, job) == ("\"undefined \"reference\"", "a") ? Lines : NoLines, "application/json")
        );
    }

    [Theory]
    [InlineData(Uuid, 1, "")]
    [InlineData("clean", 0, "")]
    [InlineData("unknown", 2, "Nothing names its packages.")]
    [InlineData("nowhere", 2, "neither a file, nor a job or build")]
    [InlineData("odd", 2, "cannot ask")]
    public async Task A_check_of_a_job_or_build_ends_as_the_site_answers(string target, int expected, string error)
    {
        var (exitCode, output, actual) = await RunAsync("advisories", "check", "--site", Address, target, "--json");

        Assert.Equal(expected, exitCode);
        Assert.Contains(error, actual, StringComparison.Ordinal);
        if (expected != 2)
            Assert.Equal(expected, JsonNode.Parse(output)!["advisories"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("opam:tls<1.0.4", 0, "a on debian-12: 1.0.3 in the latest build U (T)")]
    [InlineData("opam:tls<1.0.0", 1, "No build contains opam:tls<1.0.0.")]
    [InlineData("opam:nope", 1, "No build contains opam:nope.")]
    public async Task A_package_is_found_or_not(string package, int expected, string text)
    {
        var (exitCode, output, _) = await RunAsync("find", "package", package, "--site", Address);

        Assert.Equal((expected, text + "\n"), (exitCode, output));
    }

    [Theory]
    [InlineData("""undefined "reference""", 0, "a on debian-12, build U (T), line 3: ld: undefined (perhaps also in 2 earlier builds)")]
    [InlineData("nothing here", 1, "None of 7 consoles has a line with this text.")]
    public async Task A_text_is_found_or_not(string text, int expected, string line)
    {
        var (exitCode, output, error) = await RunAsync("find", "text", text, "--job", "a", "--site", Address);

        Assert.Equal((expected, line + "\n"), (exitCode, output));
        Assert.Equal(expected == 0 ? "builder: there may be more: give more of the line, or --job\n" : "", error);
    }

    [Theory]
    [InlineData("ml_z/pow", 0, "a on debian-12: linked in the latest build U (T)")]
    [InlineData("nope", 1, "No main binary has nope.")]
    public async Task A_symbol_is_found_or_not(string symbol, int expected, string text)
    {
        var (exitCode, output, _) = await RunAsync("find", "symbol", symbol, "--site", Address);

        Assert.Equal((expected, text + "\n"), (exitCode, output));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("a\nb c")]
    public async Task A_text_that_cannot_be_looked_for_is_named(string text) =>
        Assert.Equal(2, (await RunAsync("find", "text", text, "--site", Address)).ExitCode);

    [Fact]
    public async Task Without_a_site_or_with_a_package_that_is_none_there_is_no_answer()
    {
        Assert.Equal(2, (await RunAsync("find", "package", "tls", "--site", Address)).ExitCode);
        Assert.Equal(2, (await RunAsync("find", "package", "opam:tls")).ExitCode);
        Assert.Equal(2, (await RunAsync("advisories", "check", Uuid)).ExitCode);
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
