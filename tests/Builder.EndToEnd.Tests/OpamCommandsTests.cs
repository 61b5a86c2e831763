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
        var (exitCode, output) = await BuilderProcess.RunAsync(
            ["opam", "parse", "--json", "-"],
            Vectors.ReadText("opam/files/0install.2.16.opam")
        );

        Assert.Equal(0, exitCode);
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(Vectors.ReadText("opam/files/0install.2.16.tree.json")), JsonNode.Parse(output)),
            output
        );
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
        var (exitCode, output) = await BuilderProcess.RunAsync([
            "opam",
            "compare",
            Switch("albatross-2025-09-01"),
            Switch("albatross-2026-08-22"),
        ]);

        Assert.Equal(0, exitCode);
        Assert.Contains("dune", output, StringComparison.Ordinal);
        Assert.Contains("3.20.1", output, StringComparison.Ordinal);
        Assert.Contains(
            "+    {>= \"3.08.0\" & (os != \"cygwin\" & os-distribution != \"msys2\" | < \"5.0\") &",
            output,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("albatross-2026-08-22", false)]
    [InlineData("unikernel-2026-08-22", true)]
    public async Task A_graph_is_printed_a_line_for_each_package(string name, bool transitive)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync([
            "opam",
            "graph",
            Switch(name),
            .. transitive ? ["--transitive"] : Array.Empty<string>(),
        ]);

        Assert.Equal(0, exitCode);
        var expected = Vectors.ReadText($"opam/graph/{name}{(transitive ? ".transitive" : "")}.text");
        Assert.Equal(Lines(expected), Lines(output));
    }

    [Fact]
    public async Task What_is_wrong_in_a_file_is_said_with_its_place()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(
            directory["bad.opam"],
            "opam-version: \"2.0\"\ndepends: [ \"a\" ",
            TestContext.Current.CancellationToken
        );

        var (exitCode, output) = await BuilderProcess.RunAsync(["opam", "parse", directory["bad.opam"]]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{directory["bad.opam"]}:2:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_roots_have_a_graph_together_and_each_by_its_name()
    {
        var (together, all) = await BuilderProcess.RunAsync(["opam", "graph", Switch("albatross-two-roots")]);
        var (alone, one) = await BuilderProcess.RunAsync([
            "viz",
            "dependencies",
            "--text",
            "--root",
            "albatross",
            Switch("albatross-two-roots"),
        ]);
        var (missing, refusal) = await BuilderProcess.RunAsync(["opam", "graph", "--root", "nothing", Switch("albatross-two-roots")]);

        Assert.Equal((0, 0, 1), (together, alone, missing));
        Assert.Equal(["ROOT albatross", "ROOT ocaml-base-compiler"], Roots(all));
        Assert.Equal(["ROOT albatross"], Roots(one));
        Assert.Contains(
            "no root package \"nothing\"; its roots are albatross.2.7.2, ocaml-base-compiler.4.14.2.",
            refusal,
            StringComparison.Ordinal
        );

        static IEnumerable<string> Roots(string text) =>
            text.Split('\n').Where(line => line.StartsWith("ROOT ", StringComparison.Ordinal)).Select(line => line.Split(':')[0]);
    }

    [Fact]
    public async Task A_comparison_of_several_roots_says_what_each_reaches()
    {
        using var directory = new TemporaryDirectory();
        const string Packages = "package \"a\" { depends: \"c\" }\npackage \"b\" { depends: \"d\" }\n";
        await File.WriteAllTextAsync(
            directory["old"],
            $"roots: [\"a.1\" \"b.1\"]\ninstalled: [\"a.1\" \"b.1\" \"c.1\" \"d.1\"]\n{Packages}",
            TestContext.Current.CancellationToken
        );
        await File.WriteAllTextAsync(
            directory["new"],
            $"roots: [\"a.1\" \"b.1\"]\ninstalled: [\"a.1\" \"b.1\" \"c.2\" \"d.1\"]\n{Packages}",
            TestContext.Current.CancellationToken
        );

        var (_, all) = await BuilderProcess.RunAsync(["opam", "compare", directory["old"], directory["new"]]);
        var (_, ofA) = await BuilderProcess.RunAsync(["opam", "compare", "--root", "a", directory["old"], directory["new"]]);
        var (_, ofB) = await BuilderProcess.RunAsync(["opam", "compare", "--root", "b", directory["old"], directory["new"]]);

        Assert.Contains("By root package (2)\n  a  c\n  b  nothing changed", all, StringComparison.Ordinal);
        Assert.Contains("c  1 -> 2", ofA, StringComparison.Ordinal);
        Assert.Contains("No difference: 2 packages.", ofB, StringComparison.Ordinal);
    }

    private static string Switch(string name) => Vectors.PathOf($"opam/switches/{name}.opam-switch");

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()).Order(StringComparer.Ordinal);
}
