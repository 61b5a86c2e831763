using System.Text.Json;
using System.Text.Json.Nodes;
using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Elf;

public sealed class DissectionTests
{
    [Fact]
    public void Units_of_the_sample_have_the_sizes_measured_independently()
    {
        var expected = JsonNode.Parse(Vectors.ReadText("treemap/sample-a.module-sizes.json"))!["modules"]!
            .AsObject()
            .Select(module => new OCamlUnit(
                module.Key,
                Number(module.Value!, "code"),
                Number(module.Value!, "data"),
                Number(module.Value!, "frametable")
            ))
            .OrderBy(unit => unit.Name, StringComparer.Ordinal);

        Assert.Equal(expected, Samples.SampleA.Units);
    }

    [Fact]
    public void Top_level_modules_of_the_sample_have_the_sizes_measured_independently()
    {
        var expected = JsonNode
            .Parse(Vectors.ReadText("treemap/sample-a.module-sizes.json"))!["top_level"]
            .Deserialize<Dictionary<string, long>>()!;

        Assert.Equal(
            expected.OrderBy(module => module.Key, StringComparer.Ordinal),
            Samples.SampleA.TopLevel().OrderBy(module => module.Key, StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("symbols.hvt")]
    [InlineData("symbols51.hvt")]
    public void Units_have_the_sizes_that_the_file_was_made_with(string name)
    {
        var expected = JsonNode
            .Parse(Vectors.ReadText($"elf/{name}.truth.json"))!
            .AsObject()
            .ToDictionary(unit => unit.Key, unit => (Number(unit.Value!, "code"), Number(unit.Value!, "data")));

        var units = Samples.Dissect(Vectors.Read($"elf/{name}")).Units;

        Assert.Equal(expected, units.ToDictionary(unit => unit.Name, unit => (unit.Code, unit.Data)));
    }

    [Fact]
    public void At_least_95_percent_of_an_OCaml_program_s_code_and_data_has_a_name()
    {
        var dissection = Samples.SampleA;
        var named = dissection.SizeOf(kind =>
            kind
                is DissectionKind.OCaml
                    or DissectionKind.OCamlCode
                    or DissectionKind.OCamlData
                    or DissectionKind.OCamlFrametable
                    or DissectionKind.C
        );
        const long TextAndData = 1_335_276 + 1_039_112;

        Assert.InRange(named / (double)TextAndData, 0.95, 1.02);
    }

    [Fact]
    public void Every_byte_of_the_sample_belongs_to_one_leaf()
    {
        var root = Samples.SampleA.Root;

        Assert.Equal(Samples.SampleA.FileSize, root.Size);
        Assert.Equal(0, Samples.SampleA.SizeOf(kind => kind == DissectionKind.Unaccounted));
        AssertAddsUp(root);
    }

    [Fact]
    public void Symbols_of_a_unit_are_called_as_in_its_source()
    {
        var list = Find(Samples.SampleA.Root, "OCaml", "Stdlib", "List", "code");

        var symbols = Samples.SampleA.SymbolsOf(list);

        Assert.Contains(symbols, symbol => symbol.Name == "fold_left_map");
        Assert.Contains(symbols, symbol => symbol.Name == "stable_sort");
        Assert.True(symbols.Sum(symbol => symbol.Size) <= list.Size);
    }

    [Fact]
    public void C_code_is_grouped_by_library()
    {
        var libraries = Find(Samples.SampleA.Root, "C").Children.ToDictionary(node => node.Name, node => node.Size);

        Assert.True(libraries["OCaml runtime"] > 100_000);
        Assert.True(libraries.ContainsKey("zarith"));
    }

    [Fact]
    public void With_the_stripped_size_the_tree_is_of_the_stripped_binary()
    {
        Assert.True(
            Dissection.TryDissect(
                Samples.Elf(Samples.SampleABytes),
                new DissectionOptions { StrippedSize = 4_101_304 },
                out var dissection,
                out _
            )
        );

        Assert.True(dissection.IsOfStripped);
        Assert.Equal(4_101_304, dissection.Root.Size);
        Assert.Equal(0, dissection.SizeOf(kind => kind == DissectionKind.Debug));
        Assert.Equal(Samples.SampleA.Units, dissection.Units);
    }

    [Fact]
    public void Bytes_after_the_last_section_are_unaccounted()
    {
        var dissection = Samples.Dissect([.. Vectors.Read("elf/net.hvt"), .. "appended"u8]);

        Assert.Equal(8, dissection.SizeOf(kind => kind == DissectionKind.Unaccounted));
        Assert.Equal(dissection.FileSize, dissection.Root.Size);
    }

    private static DissectionNode Find(DissectionNode node, params string[] path) =>
        path.Aggregate(node, (at, name) => at.Children.Single(child => child.Name == name));

    private static void AssertAddsUp(DissectionNode node)
    {
        if (node.Children.Count > 0)
            Assert.Equal(node.Size, node.OwnSize + node.Children.Sum(child => child.Size));
        foreach (var child in node.Children)
            AssertAddsUp(child);
    }

    private static long Number(JsonNode node, string name) => node[name]?.GetValue<long>() ?? 0;
}
