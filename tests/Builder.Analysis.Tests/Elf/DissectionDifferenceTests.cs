using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Elf;

public sealed class DissectionDifferenceTests
{
    [Fact]
    public void Says_what_came_grew_shrank_and_went_down_to_functions()
    {
        var before = Samples.Dissect(
            new ElfImage().Unit("Kept", 2, 100, 64).Unit("Grown", 2, 100, 64).Unit("Shrunk", 3, 100, 64).Unit("Gone", 1, 100, 64).ToArray()
        );
        var after = Samples.Dissect(
            new ElfImage().Unit("Kept", 2, 100, 64).Unit("Grown", 4, 100, 64).Unit("Shrunk", 2, 100, 64).Unit("New", 1, 100, 64).ToArray()
        );

        var modules = DissectionDifference
            .Compare(before, after)
            .Children.Single(kind => kind.Name == "OCaml")
            .Children.ToDictionary(module => module.Name);

        Assert.False(modules.ContainsKey("Kept"));
        Assert.Equal((DifferenceStatus.Grew, 200), (modules["Grown"].Status, modules["Grown"].Change));
        Assert.Equal((DifferenceStatus.Shrank, -100), (modules["Shrunk"].Status, modules["Shrunk"].Change));
        Assert.Equal((DifferenceStatus.Went, -164), (modules["Gone"].Status, modules["Gone"].Change));
        Assert.Equal((DifferenceStatus.Came, 164), (modules["New"].Status, modules["New"].Change));
        Assert.Equal(
            ["f2", "f3"],
            modules["Grown"].Children.Single(part => part.Name == "code").Children.Select(function => function.Name).Order()
        );
    }

    [Fact]
    public void A_binary_does_not_differ_from_itself() =>
        Assert.Empty(DissectionDifference.Compare(Samples.SampleA, Samples.SampleA).Children);
}
