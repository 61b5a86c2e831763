using System.Diagnostics;
using System.Text.Json.Nodes;
using Builder.Testing;

namespace Builder.Cli.Tests.Advisories;

/// <summary>The program itself: its exit code and what it prints.</summary>
public sealed class AdvisoriesCheckTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public AdvisoriesCheckTests()
    {
        Write(
            "advisories/OSEC-1.md",
            "```\nid: OSEC-1\nseverity: \"CVSS:3.1/AV:N\"\naffected: \"tls\" {< \"2.1.0\"}\naffected_bindings: [\"Tls.f\"]\n```\n\n# A fault\n"
        );
        Write(
            "advisories/GO-1.json",
            """{"id":"GO-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"libx"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1:2.0"}]}]}]}"""
        );
        Write("switch", "roots: [\"tls.2.0.1\"]\ninstalled: [\"tls.2.0.1\"]\n");
        Write("clean", "installed: [\"tls.2.1.0\"]\n");
    }

    [Fact]
    public async Task An_advisory_that_applies_ends_with_1_and_json_says_all_of_it()
    {
        var (exitCode, output, error) = await CheckAsync("switch", "--json");

        Assert.Equal((1, ""), (exitCode, error));
        var advisory = Assert.Single(JsonNode.Parse(output)!["advisories"]!.AsArray())!;
        Assert.Equal("OSEC-1", (string?)advisory["id"]);
        Assert.Equal("tls", (string?)advisory["package"]);
        Assert.Equal("2.0.1", (string?)advisory["version"]);
        Assert.Equal("CVSS:3.1/AV:N", (string?)advisory["severity"]);
        Assert.Equal("2.1.0", (string?)advisory["fixed"]);
        Assert.Null(advisory["module_linked"]);
        Assert.Equal("pkg:opam/tls@2.0.1", (string?)advisory["purl"]);
    }

    [Fact]
    public async Task None_that_applies_ends_with_0()
    {
        Assert.Equal((0, "0 of 2 advisories apply to 1 packages\n", ""), await CheckAsync("clean"));
        Write("system-packages", "libx=1:2.0\n");
        Assert.Equal(0, (await CheckAsync("system-packages")).ExitCode);
        Write("system-packages", "libx=9.0\n");
        Assert.Equal(1, (await CheckAsync("system-packages")).ExitCode);
    }

    [Fact]
    public async Task A_binary_without_a_list_of_packages_is_trouble_unless_its_switch_stands_beside_it()
    {
        File.WriteAllBytes(
            directory["program"],
            new ElfImage().Function("camlTls__code_begin", 0).Function("camlTls__code_end", 0).ToArray()
        );

        var (exitCode, _, error) = await CheckAsync("program");
        Assert.Equal(2, exitCode);
        Assert.Contains("program: the binary has no list of packages", error, StringComparison.Ordinal);

        var (_, output, _) = await CheckAsync("program", "switch", "--json");
        Assert.True((bool?)JsonNode.Parse(output)!["advisories"]![0]!["module_linked"]);

        File.WriteAllBytes(directory["program"], new ElfImage().Function("camlOther__code_begin", 0).ToArray());
        (exitCode, output, _) = await CheckAsync("switch", "program", "--json");
        Assert.Equal(1, exitCode);
        Assert.False((bool?)JsonNode.Parse(output)!["advisories"]![0]!["module_linked"]);
    }

    [Theory]
    [InlineData("hello world\n", "neither an opam-switch")]
    [InlineData("opam-version: \"2.0\"\nname: \"x\"\n", "it says nothing of packages")]
    [InlineData("installed: [3]\n", "Field 'installed' cannot be read")]
    [InlineData("\u007FELF", "program")]
    public async Task What_cannot_be_read_ends_with_2_and_is_named(string text, string expected)
    {
        Write("program", text);

        var (exitCode, _, error) = await CheckAsync("program");

        Assert.Equal(2, exitCode);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Contains(directory["program"], error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_advisory_and_a_missing_file_end_with_2()
    {
        Assert.Equal(2, (await CheckAsync("nowhere")).ExitCode);
        Write("advisories/broken.md", "```\nid: X\n");
        var (exitCode, output, error) = await CheckAsync("clean");
        Assert.Equal(2, exitCode);
        Assert.Contains("broken.md", error, StringComparison.Ordinal);
        Assert.Contains("0 of 2", output, StringComparison.Ordinal);
        Directory.CreateDirectory(directory["empty"]);
        Assert.Equal(2, (await RunAsync("advisories", "check", "--advisories", directory["empty"], directory["clean"])).ExitCode);
        Assert.Equal(2, (await RunAsync("advisories", "check", directory["clean"])).ExitCode);
    }

    public void Dispose() => directory.Dispose();

    private Task<(int ExitCode, string Output, string Error)> CheckAsync(params string[] arguments) =>
        RunAsync([
            "advisories",
            "check",
            "--advisories",
            directory["advisories"],
            .. arguments.Select(argument => argument.StartsWith('-') ? argument : directory[argument]),
        ]);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "builder"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(directory[name])!);
        File.WriteAllText(directory[name], text);
    }
}
