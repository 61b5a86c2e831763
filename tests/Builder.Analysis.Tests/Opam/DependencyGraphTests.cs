using Builder.Analysis.Opam;
using Builder.Testing;

namespace Builder.Analysis.Tests.Opam;

public sealed class DependencyGraphTests
{
    public static TheoryData<string> Answers { get; } = new(Vectors.Files("opam/graph"));

    [Theory]
    [MemberData(nameof(Answers))]
    public void The_graph_is_the_references(string answer)
    {
        var name = Path.GetFileName(answer).Split('.')[0];
        Assert.True(DependencyGraph.TryCreate(Switches.Read(name), out var graph, out _));
        var lines = graph.Nodes.Select(node =>
        {
            var dependencies = answer.Contains(".transitive.", StringComparison.Ordinal)
                ? graph.TransitiveDependencies(node.Name)
                : node.Dependencies;
            return $"{(node.Name == graph.Root ? "ROOT " : "")}{node.Name}: {string.Join(", ", dependencies)}\n";
        });
        Assert.Equal(Vectors.ReadText(answer), string.Concat(lines));
    }

    [Fact]
    public void Reverse_dependencies_are_counted()
    {
        Assert.True(DependencyGraph.TryCreate(Switches.Read("albatross-2026-08-22"), out var graph, out _));
        var text = Vectors.ReadText("opam/graph/albatross-2026-08-22.text");
        var users = text.Split('\n').Count(line => line.Split(": ") is [_, var names] && names.Split(", ").Contains("bstr"));
        Assert.True(users > 1);
        Assert.Equal(users, graph.ReverseDependencies("bstr"));
        Assert.Equal(0, graph.ReverseDependencies("albatross"));
    }

    [Fact]
    public void A_switch_of_several_roots_has_no_graph_and_says_so()
    {
        Assert.False(DependencyGraph.TryCreate(Switches.Read("albatross-two-roots"), out _, out var problem));
        Assert.Contains("albatross.2.7.2, ocaml-base-compiler.4.14.2", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_switch_without_root_has_no_graph_and_says_so()
    {
        Assert.False(DependencyGraph.TryCreate(Switches.Of("installed: \"a.1\""), out _, out var problem));
        Assert.Contains("no root", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_that_depend_on_each_other_reach_themselves()
    {
        var export = Switches.Of("""
            roots: "a.1"
            installed: ["a.1" "b.1"]
            package "a" { depends: "b" {>= "1"} }
            package "b" { depopts: ["a" | ("c" & "missing")] }
            """);
        Assert.True(DependencyGraph.TryCreate(export, out var graph, out _));
        Assert.Equal(["a", "b"], graph.TransitiveDependencies("a"));
        Assert.Equal(["a"], graph["b"].Dependencies);
    }
}
