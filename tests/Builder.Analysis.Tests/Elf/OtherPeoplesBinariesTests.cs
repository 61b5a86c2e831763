using System.Text;
using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Elf;

/// <summary>Binaries that compilers of others make: separate debug files, crates of Rust, programs in Go, thousands of sections.</summary>
public sealed class OtherPeoplesBinariesTests
{
    [Fact]
    public void A_separate_debug_file_has_the_sizes_of_its_program()
    {
        var dissection = Samples.Dissect(Vectors.Read("elf/split/plain.debug"));

        Assert.True(dissection.IsOfStripped);
        // .interp to .data of the program, as its section headers say them.
        Assert.Equal(10123, dissection.Root.Size);
        Assert.Equal(5000, SizeOf(dissection, "C", "table"));
        Assert.Equal(3000, SizeOf(dissection, "C", "data"));
    }

    [Fact]
    public void With_the_program_beside_it_a_debug_file_counts_what_has_no_name_as_the_program_does()
    {
        var program = Vectors.Read("elf/split/stripped");
        Assert.True(
            Dissection.TryDissect(
                Samples.Elf(Vectors.Read("elf/split/plain.debug")),
                new DissectionOptions { StrippedSize = program.Length },
                out var dissection,
                out _
            )
        );

        Assert.Equal(program.Length, dissection.Root.Size);
        Assert.DoesNotContain(Kind(dissection, DissectionKind.Linking).Children, node => node.Name is ".rodata" or ".data" or ".text");
        Assert.Contains(Kind(dissection, DissectionKind.Linking).Children, node => node.Name == ".dynsym");
    }

    [Fact]
    public void Constants_of_a_crate_are_of_that_crate_and_carry_no_hash()
    {
        var dissection = Samples.Dissect(Vectors.Read("elf/rust/tables.o"));

        var crate = Kind(dissection, DissectionKind.Rust).Children.Single(node => node.Name == "unicode_tables");
        Assert.Equal(5100, crate.Size);
        Assert.Equal(
            [("anonymous constants", 5000L), ("unicode_tables::lookup", 100L)],
            dissection.SymbolsOf(crate).Select(symbol => (symbol.Name, symbol.Size))
        );
        Assert.DoesNotContain(dissection.Root.Children, node => node.Kind == DissectionKind.C);
    }

    [Fact]
    public void A_function_that_Rust_exports_under_a_plain_name_is_of_the_crate_around_it()
    {
        var dissection = Samples.Dissect(
            new ElfImage()
                .SourceFile("mine.0123456789abcdef-cgu.0")
                .Function("_RNvCs5a3b_4mine5first", 64, isLocal: true)
                .Function("plugin_entry", 128)
                .Function("_RNvCs5a3b_4mine4last", 64, isLocal: true)
                .Function("_ZN5other4code17h0123456789abcdefE", 64)
                .Function("between", 32)
                .Function("_RNvCs5a3b_4mine3end", 64)
                .ToArray()
        );

        var rust = Kind(dissection, DissectionKind.Rust).Children.ToDictionary(node => node.Name, node => node.Size);
        Assert.Equal(320, rust["mine"]);
        Assert.Equal(32, Kind(dissection, DissectionKind.C).Size);
    }

    [Theory]
    [InlineData("unicode_tables.0123456789abcdef-cgu.0", "unicode_tables")]
    [InlineData("thin.5591d9344391ee24-cgu.04", "thin")]
    [InlineData("my.crate.5591d9344391ee24-cgu.12.rcgu.o", "my.crate")]
    [InlineData("3zxh6n4x9lp4ml8e.rcgu.o", "(incremental units)")]
    [InlineData("main.c", null)]
    [InlineData("x-cgu.0", null)]
    [InlineData(".0123456789abcdef-cgu.0", null)]
    [InlineData("x.0123-cgu.", null)]
    public void A_unit_of_rustc_names_its_crate(string file, string? crate) => Assert.Equal(crate, RustUnit.CrateOf(file));

    [Theory]
    [InlineData("anon.70ca14c673e64446338bea9aa8cf4c29.56.llvm.16129004695803218288", "anonymous constants")]
    [InlineData(".Lanon.70ca14c673e64446338bea9aa8cf4c29.1", "anonymous constants")]
    [InlineData("alloc_70ca14c673e64446338bea9aa8cf4c29", "anonymous constants")]
    [InlineData("vtable.12", "vtable")]
    [InlineData("switch.table._RNvCs5a3b_14unicode_tables6lookup", "switch table of unicode_tables::lookup")]
    [InlineData("plugin_entry.llvm.123", "plugin_entry")]
    public void Names_in_Rust_are_without_what_differs_from_build_to_build(string symbol, string shown) =>
        Assert.Equal(shown, SymbolName.Display(Encoding.UTF8.GetBytes(symbol), DissectionKind.Rust));

    [Fact]
    public void Tables_of_a_position_independent_Go_program_are_found_between_their_marks()
    {
        var go = Kind(Samples.Dissect(Vectors.Read("elf/go/gopie")), DissectionKind.Go)
            .Children.ToDictionary(node => node.Name, node => node.Size);

        Assert.Equal(9000, go["runtime.pclntab (function tables)"]);
        Assert.Equal(3000, go["type descriptors"]);
        Assert.Equal(64, go["main"]);
        Assert.Equal(128, go["runtime"]);
    }

    [Theory]
    [InlineData(0xFFFFFFF1u, false)]
    [InlineData(0xFFFFFFF0u, true)]
    [InlineData(0xFFFFFFFAu, false)]
    [InlineData(0xFFFFFFFBu, false)]
    public void A_stripped_Go_program_names_its_functions(uint version, bool isStartMissing)
    {
        var dissection = Samples.Dissect(
            GoImage.Of(version, isStartMissing, ("main.main", 100), ("runtime.main", 200), ("example.com/o/m/p.(*T).M", 212))
        );

        var go = Kind(dissection, DissectionKind.Go).Children.ToDictionary(node => node.Name, node => node.Size);
        Assert.Equal(100, go["main"]);
        Assert.Equal(200, go["runtime"]);
        Assert.Equal(212, go["example.com/o/m"]);
        Assert.True(go["runtime.pclntab (function tables)"] > 0);
    }

    [Fact]
    public void A_broken_function_table_of_Go_is_passed_over()
    {
        var image = GoImage.Of(0xFFFFFFF1, isStartMissing: false, ("main.main", 100), ("runtime.main", 200));
        for (var at = 64; at < image.Length; at++)
        {
            foreach (var value in (byte[])[0, 0xFF, (byte)(image[at] ^ 0x40)])
            {
                var broken = image.ToArray();
                broken[at] = value;
                if (
                    ElfFile.TryRead(ByteSource.Of(broken), out var file, out _)
                    && Dissection.TryDissect(file, DissectionOptions.Default, out var dissection, out _)
                )
                    Assert.Equal(dissection.IsOfStripped ? dissection.Root.Size : broken.Length, dissection.Root.Size);
            }
        }
    }

    [Fact]
    public void Symbols_in_sections_beyond_sixteen_bits_are_named()
    {
        const int Count = 66_000;
        var dissection = Samples.Dissect(ManySections.Of(Count));

        Assert.Equal(Count * 4, Kind(dissection, DissectionKind.C).Size);
        Assert.DoesNotContain(dissection.Root.Children, node => node.Kind == DissectionKind.Contents);
        Assert.Contains(Kind(dissection, DissectionKind.Names).Children, node => node.Name == ".symtab_shndx");
    }

    private static DissectionNode Kind(Dissection dissection, DissectionKind kind) =>
        dissection.Root.Children.Single(node => node.Kind == kind);

    private static long SizeOf(Dissection dissection, string language, string symbol) =>
        dissection
            .Root.Children.Single(node => node.Name == language)
            .Children.SelectMany(dissection.SymbolsOf)
            .Single(found => found.Name == symbol)
            .Size;
}
