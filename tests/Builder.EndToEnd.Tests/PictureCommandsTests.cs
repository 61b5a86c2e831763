using System.Text.Json.Nodes;

namespace Builder.EndToEnd.Tests;

public sealed class PictureCommandsTests
{
    [Fact]
    public async Task Elf_says_in_JSON_what_a_file_is()
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["elf", "--json", "/bin/true"]);

        var elf = JsonNode.Parse(output)!;
        Assert.Equal(0, exitCode);
        Assert.Null(elf["solo5_abi"]);
        Assert.Null(elf["solo5_manifest"]);
        Assert.True(elf["stripped"]!.GetValue<bool>());
        Assert.Contains(elf["sections"]!.AsArray(), section => section!["name"]!.GetValue<string>() == ".text");
    }

    [Fact]
    public async Task Elf_ends_with_1_and_the_reason_for_what_is_none()
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["elf", "/etc/passwd"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("/etc/passwd: not an ELF file", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Treemap_numbers_add_up_to_the_file()
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["viz", "treemap", "--json", "/bin/true"]);

        var map = JsonNode.Parse(output)!;
        Assert.Equal(0, exitCode);
        Assert.Equal(new FileInfo("/bin/true").Length, map["file_size"]!.GetValue<long>());
        Assert.Equal(map["file_size"]!.GetValue<long>(), map["tree"]!.AsArray().Sum(part => part!["size"]!.GetValue<long>()));
    }

    [Fact]
    public async Task Dependencies_of_a_small_switch_as_text()
    {
        const string Switch = """
            opam-version: "2.0"
            roots: ["a.1"]
            installed: ["a.1" "b.1" "c.1"]
            package "a" { version: "1" depends: ["b"] }
            package "b" { version: "1" depends: ["c"] }
            package "c" { version: "1" }
            """;

        Assert.Equal((0, "ROOT a: b\nb: c\nc:"), Trimmed(await BuilderProcess.RunAsync(["viz", "dependencies", "-", "--text"], Switch)));
        Assert.Equal(
            (0, "ROOT a: b, c\nb: c\nc:"),
            Trimmed(await BuilderProcess.RunAsync(["viz", "dependencies", "-", "--text", "--transitive"], Switch))
        );
    }

    private static (int, string) Trimmed((int ExitCode, string Output) run) => (run.ExitCode, run.Output.Trim());
}
