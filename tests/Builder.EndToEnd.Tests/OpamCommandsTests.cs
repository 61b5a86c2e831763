using System.Text.Json.Nodes;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary><c>builder opam</c> as a program: what it prints is what the reference prints.</summary>
public sealed class OpamCommandsTests
{
    [Theory]
    [InlineData("0install.2.16")]
    [InlineData("FrontC.3.4.2")]
    [InlineData("MlFront_Cache.2.4.2.169")]
    public async Task A_file_is_printed_in_opams_own_layout(string name)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["opam", "print", Vectors.PathOf($"opam/files/{name}.opam")]);

        Assert.Equal(0, exitCode);
        Assert.Equal(Vectors.ReadText($"opam/files/{name}.print.txt").TrimEnd('\n'), output.TrimEnd('\n'));
    }

    [Fact]
    public async Task A_tree_is_printed_as_JSON_from_standard_input()
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["opam", "parse", "--json", "-"], Vectors.ReadText("opam/files/0install.2.16.opam"));

        Assert.Equal(0, exitCode);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Vectors.ReadText("opam/files/0install.2.16.tree.json")), JsonNode.Parse(output)), output);
    }

    [Theory]
    [InlineData("alb-2025-2026", "albatross-2025-09-01", "albatross-2026-08-22")]
    [InlineData("alb-self", "albatross-2026-08-22", "albatross-2026-08-22")]
    public async Task Two_switches_are_compared_as_JSON(string answer, string left, string right)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["opam", "compare", "--json", Switch(left), Switch(right)]);

        Assert.Equal(0, exitCode);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Vectors.ReadText($"opam/compare/{answer}.json")), JsonNode.Parse(output)), output);
    }

    [Fact]
    public async Task Two_switches_are_compared_for_people()
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["opam", "compare", Switch("albatross-2025-09-01"), Switch("albatross-2026-08-22")]);

        Assert.Equal(0, exitCode);
        Assert.Contains("dune", output, StringComparison.Ordinal);
        Assert.Contains("3.20.1", output, StringComparison.Ordinal);
        Assert.Contains("+    {>= \"3.08.0\" & (os != \"cygwin\" & os-distribution != \"msys2\" | < \"5.0\") &", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("albatross-2026-08-22", false)]
    [InlineData("unikernel-2026-08-22", true)]
    public async Task A_graph_is_printed_a_line_for_each_package(string name, bool transitive)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["opam", "graph", Switch(name), .. transitive ? ["--transitive"] : Array.Empty<string>()]);

        Assert.Equal(0, exitCode);
        var expected = Vectors.ReadText($"opam/graph/{name}{(transitive ? ".transitive" : "")}.text");
        Assert.Equal(Lines(expected), Lines(output));
    }

    [Fact]
    public async Task What_is_wrong_in_a_file_is_said_with_its_place()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["bad.opam"], "opam-version: \"2.0\"\ndepends: [ \"a\" ", TestContext.Current.CancellationToken);

        var (exitCode, output) = await BuilderProcess.RunAsync(["opam", "parse", directory["bad.opam"]]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{directory["bad.opam"]}:2:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_roots_have_no_graph_and_it_says_so()
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["opam", "graph", Switch("albatross-two-roots")]);

        Assert.Equal(1, exitCode);
        Assert.Contains("root", output, StringComparison.Ordinal);
    }

    private static string Switch(string name) => Vectors.PathOf($"opam/switches/{name}.opam-switch");

    private static IEnumerable<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()).Order(StringComparer.Ordinal);
}
