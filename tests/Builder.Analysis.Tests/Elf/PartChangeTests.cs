using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Elf;

public sealed class PartChangeTests
{
    [Fact]
    public void Modules_come_most_changed_first_and_what_stayed_comes_last()
    {
        var before = Sizes(
            new ElfImage().Unit("Kept", 2, 100, 64).Unit("Grown", 2, 100, 64).Unit("Shrunk", 3, 100, 64).Unit("Gone", 1, 100, 64)
        );
        var after = Sizes(
            new ElfImage().Unit("Kept", 2, 100, 64).Unit("Grown", 4, 100, 64).Unit("Shrunk", 2, 100, 64).Unit("New", 1, 100, 64)
        );

        var modules = PartChange.Compare(before, after).Where(part => part.Kind == "OCaml").ToList();

        Assert.Equal(["Grown", "New", "Gone", "Shrunk", "Kept"], modules.Select(module => module.Name));
        Assert.Equal([200, 164, -164, -100, 0], modules.Select(module => module.Change));
        Assert.Equal([true, true, true, true, false], modules.Select(module => module.IsChanged));
        Assert.Equal((264, 464), (modules[0].Before, modules[0].After));
    }

    [Fact]
    public void A_module_names_the_units_in_it_that_changed_even_where_its_own_size_stays()
    {
        var before = Sizes(new ElfImage().Unit("Lib", 1, 100, 64).Unit("Lib__A", 3, 100, 64).Unit("Lib__B", 2, 100, 64));
        var after = Sizes(new ElfImage().Unit("Lib", 1, 100, 64).Unit("Lib__A", 2, 100, 64).Unit("Lib__B", 3, 100, 64));

        var library = PartChange.Compare(before, after).Single(part => part.Name == "Lib");

        Assert.Equal(0, library.Change);
        Assert.True(library.IsChanged);
        Assert.Equal([("Lib.A", -100L), ("Lib.B", 100L)], library.Units.Select(unit => (unit.Name, unit.Change)));
    }

    [Fact]
    public void Sizes_of_a_real_program_add_up_to_its_file_and_agree_with_the_modules_counted_elsewhere()
    {
        var sizes = PartSizes.Of(Samples.SampleA);
        Assert.Equal(Samples.SampleABytes.Length, sizes.Sum(part => part.Size));
        var modules = sizes.Where(part => part.Kind == "OCaml").ToList();
        Assert.Equal(Samples.SampleA.TopLevel().Count(module => module.Value > 0), modules.Count);
        Assert.All(
            modules.Where(module => module.Units.Length > 0),
            module => Assert.Equal(module.Size, module.Units.Sum(unit => unit.Size))
        );
        var list = Samples.SampleA.Units.Single(unit => unit.Name == "Stdlib__List");
        Assert.InRange(
            modules.Single(module => module.Name == "Stdlib").Units.Single(unit => unit.Name == "Stdlib.List").Size,
            list.Total,
            list.Total + 4096
        );
    }

    [Fact]
    public void A_binary_does_not_differ_from_itself() =>
        Assert.DoesNotContain(PartChange.Compare(PartSizes.Of(Samples.SampleA), PartSizes.Of(Samples.SampleA)), part => part.IsChanged);

    private static System.Collections.Immutable.ImmutableArray<PartSize> Sizes(ElfImage image) =>
        PartSizes.Of(Samples.Dissect(image.ToArray()));
}
