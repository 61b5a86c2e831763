using Builder.Analysis.Drawing;
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
            return $"{(graph.IsRoot(node.Name) ? "ROOT " : "")}{node.Name}: {string.Join(", ", dependencies)}\n";
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
    public void Several_roots_have_a_graph_together()
    {
        Assert.True(DependencyGraph.TryCreate(Switches.Read("dune-two-roots"), out var graph, out _));

        Assert.Equal(["dune", "ocaml-base-compiler"], graph.Roots);
        Assert.Equal(
            ["base-bigarray", "base-threads", "base-unix", "dune", "ocaml", "ocaml-base-compiler", "ocaml-config", "ocaml-options-vanilla"],
            graph.Nodes.Select(node => node.Name)
        );
        Assert.Equal(["base-threads", "base-unix", "ocaml"], graph["dune"].Dependencies);
        Assert.True(graph.IsRoot("dune") && graph.IsRoot("ocaml-base-compiler") && !graph.IsRoot("ocaml"));
    }

    [Fact]
    public void A_root_by_name_has_a_graph_of_its_own()
    {
        var export = Switches.Of(
            """
            roots: ["a.1" "b.2"]
            installed: ["a.1" "b.2" "c.1" "d.1" "e.1"]
            package "a" { depends: ["c"] }
            package "b" { depends: ["d"] }
            package "c" { depends: ["d"] }
            """
        );
        Assert.True(export.TryRestrict("b", out var ofB, out _));
        Assert.True(DependencyGraph.TryCreate(ofB, out var graph, out _));
        Assert.Equal(["b", "d"], graph.Nodes.Select(node => node.Name));
        Assert.Equal(["b.2", "d.1"], ofB.Installed.Select(package => package.ToString()));

        Assert.True(export.TryRestrict("a.1", out var ofA, out _));
        Assert.Equal(["a", "c", "d"], ofA.Installed.Select(package => package.Name.ToString()));
        Assert.True(DependencyGraph.TryCreate(export, out var whole, out _));
        Assert.Equal(["a", "c", "d"], whole.Of("a").Nodes.Select(node => node.Name));

        Assert.False(export.TryRestrict("c", out _, out var problem));
        Assert.Equal("The switch has no root package \"c\"; its roots are a.1, b.2.", problem);
    }

    [Fact]
    public void Each_of_several_roots_reaches_what_it_wrote_itself()
    {
        var export = Switches.Of(
            """
            roots: ["unikernel.1" "other.1" "plain.1"]
            installed: ["unikernel.1" "other.1" "plain.1" "x.1"]
            package "unikernel" { depends: ["x"] x-orb-dependencies: [["unikernel" ["vendored" "shared"]] ["shared" ["left"]]] }
            package "other" { x-orb-dependencies: [["other" ["shared"]] ["shared" ["right"]]] }
            package "plain" { depends: ["x"] }
            """
        );
        Assert.True(DependencyGraph.TryCreate(export, out var graph, out _));
        Assert.Equal(["shared", "vendored"], graph["unikernel"].Dependencies);
        Assert.Equal(["left", "right"], graph["shared"].Dependencies);
        Assert.Equal(["x"], graph["plain"].Dependencies);
    }

    [Fact]
    public void Thousands_of_roots_that_reach_each_other_are_walked_once()
    {
        const int Count = 5000;
        var names = Enumerable.Range(0, Count).Select(number => $"p{number}").ToList();
        var text =
            $"roots: [{string.Join(' ', names.Select(name => $"\"{name}.1\""))}]\ninstalled: [{string.Join(' ', names.Select(name => $"\"{name}.1\""))}]\n"
            + string.Concat(Enumerable.Range(0, Count - 1).Select(number => $"package \"p{number}\" {{ depends: \"p{number + 1}\" }}\n"));
        Assert.True(DependencyGraph.TryCreate(Switches.Of(text), out var graph, out _));
        Assert.Equal(Count, graph.Nodes.Length);
        Assert.InRange(DependencyDrawing.Page(graph, new DependencyDrawingOptions()).Length, 1, 20_000_000);
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
        var export = Switches.Of(
            """
            roots: "a.1"
            installed: ["a.1" "b.1"]
            package "a" { depends: "b" {>= "1"} }
            package "b" { depopts: ["a" | ("c" & "missing")] }
            """
        );
        Assert.True(DependencyGraph.TryCreate(export, out var graph, out _));
        Assert.Equal(["a", "b"], graph.TransitiveDependencies("a"));
        Assert.Equal(["a"], graph["b"].Dependencies);
    }
}
