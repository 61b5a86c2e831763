using Builder.Analysis.Difference;
using Builder.Analysis.Elf;
using Builder.Analysis.Tests.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Difference;

/// <summary>Programs with one edit: the answer names what was edited and nothing that only moved.</summary>
public sealed class ElfCodeTests : IDisposable
{
    private static readonly (string, string, string) LargerFunction = (
        "parse.c",
        "case 'f': return -1;",
        "case 'f': return depth(text + 1) * 31 + (int)strlen(text) + table[3] * calls;"
    );

    private readonly BuiltPrograms programs = new();

    [Theory]
    [InlineData("-O2", "")]
    [InlineData("-O2", "-no-pie")]
    [InlineData("-O0", "")]
    [InlineData("-O3", "")]
    [InlineData("-Os", "")]
    [InlineData("-O2 -fno-plt -fcf-protection=full", "")]
    [InlineData("-O2 -ffunction-sections", "-Wl,--gc-sections")]
    public async Task One_function_that_grows_is_the_only_one_that_is_named(string flags, string linkFlags)
    {
        flags = linkFlags == "-no-pie" ? $"{flags} -fno-pie" : flags;
        var result = await BuiltPrograms.CompareAsync(
            await programs.BuildAsync(programs.Left, flags, linkFlags),
            await programs.BuildAsync(programs.Right, flags, linkFlags, edits: LargerFunction)
        );

        Assert.Equal([(CauseKind.Code, ".text parse")], Causes(result));
        Assert.StartsWith("1 function changed, ", Summary(result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_number_is_shown_with_both_instructions()
    {
        var result = await BuiltPrograms.CompareAsync(
            await programs.BuildAsync(programs.Left),
            await programs.BuildAsync(programs.Right, edits: ("shape.c", "x * 7 + 11", "x * 7 + 12"))
        );

        Assert.Equal([(CauseKind.Code, ".text chosen"), (CauseKind.Code, ".text chosen_twice")], Causes(result));
        Assert.Contains("0xb", result.Causes[0].Left, StringComparison.Ordinal);
        Assert.Contains("0xc", result.Causes[0].Right, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_in_read_only_data_that_a_function_loads_is_its_code()
    {
        var result = await BuiltPrograms.CompareAsync(
            await programs.BuildAsync(programs.Left, "-O1"),
            await programs.BuildAsync(programs.Right, "-O1", edits: ("shape.c", "+ 0.125", "+ 0.375"))
        );

        Assert.Equal([(CauseKind.Code, ".text ring")], Causes(result));
    }

    [Fact]
    public async Task A_function_in_the_middle_is_added_and_the_rest_only_moves()
    {
        var result = await BuiltPrograms.CompareAsync(
            await programs.BuildAsync(programs.Left),
            await programs.BuildAsync(
                programs.Right,
                edits: ("shape.c", "void show", "double cube(double a) { return a * a * a + area(a); }\nvoid show")
            )
        );

        Assert.Equal([(CauseKind.Code, ".text cube")], Causes(result));
        Assert.StartsWith("0 functions changed, 1 added, ", Summary(result), StringComparison.Ordinal);
        Assert.Empty(result.Causes[0].Left);
    }

    [Theory]
    [InlineData("words.c", "a few of them", "a few of these here")]
    [InlineData("words.c", "second of all", "next one of all")]
    [InlineData("words.c", "program of four modules", "program with some modules")]
    public async Task A_changed_text_is_named_and_no_function(string file, string old, string replacement)
    {
        var result = await BuiltPrograms.CompareAsync(
            await programs.BuildAsync(programs.Left, "-O1"),
            await programs.BuildAsync(programs.Right, "-O1", edits: (file, old, replacement))
        );

        var cause = Assert.Single(result.Causes, cause => cause.Path == ".rodata");
        Assert.Equal((old, replacement), (cause.Left, cause.Right));
        // Its length is a number in the code of one function.
        Assert.All(result.Causes, cause => Assert.True(cause.Path is ".rodata" or ".text lookup"));
    }

    [Fact]
    public async Task A_stripped_program_is_compared_by_the_ranges_of_its_unwind_table()
    {
        var (left, right) = (await programs.BuildAsync(programs.Left), await programs.BuildAsync(programs.Right, edits: LargerFunction));
        await BuiltPrograms.RunAsync("strip", left, programs.Left);
        await BuiltPrograms.RunAsync("strip", right, programs.Right);

        var result = await BuiltPrograms.CompareAsync(left, right);

        var cause = Assert.Single(result.Causes);
        Assert.StartsWith(".text function at 0x", cause.Path, StringComparison.Ordinal);
        Assert.Equal(CauseKind.Code, cause.Kind);
    }

    [Fact]
    public async Task A_separate_debug_file_names_the_function_that_grew()
    {
        var (left, right) = (
            await programs.BuildAsync(programs.Left, "-O2 -g"),
            await programs.BuildAsync(programs.Left, "-O2 -g", edits: LargerFunction)
        );
        await BuiltPrograms.RunAsync("objcopy", $"--only-keep-debug {left} {left}.debug", programs.Left);
        await BuiltPrograms.RunAsync("objcopy", $"--only-keep-debug {right} {right}.debug", programs.Left);

        var result = await BuiltPrograms.CompareAsync($"{left}.debug", $"{right}.debug");

        Assert.Equal((CauseKind.Code, ".text parse"), Causes(result)[0]);
    }

    [Theory]
    [InlineData("zlib")]
    [InlineData("zstd")]
    public async Task Compressed_debug_information_is_compared_unpacked(string format)
    {
        var left = await programs.BuildAsync(programs.Left, "-g -O1");
        var right = await programs.BuildAsync(programs.Right, "-g -O1");
        foreach (var program in (string[])[left, right])
            await BuiltPrograms.RunAsync("objcopy", $"--compress-debug-sections={format} {program}", programs.Left);

        var result = await BuiltPrograms.CompareAsync(left, right);

        // Both are built in a directory of their own, and a compressed text would show no path.
        Assert.Contains((CauseKind.BuildPath, ".debug_line_str"), Causes(result));
        Assert.Empty(result.Root!.Notices);
    }

    [Fact]
    public async Task An_object_file_names_the_function_though_nothing_has_an_address_yet()
    {
        await programs.BuildAsync(programs.Left, "-O2 -ffunction-sections");
        await programs.BuildAsync(programs.Right, "-O2 -ffunction-sections", edits: LargerFunction);

        var result = await BuiltPrograms.CompareAsync(Path.Combine(programs.Left, "parse.o"), Path.Combine(programs.Right, "parse.o"));

        Assert.Equal([(CauseKind.Code, ".text.parse parse")], Causes(result));
    }

    [Fact]
    public async Task Another_optimisation_level_is_code()
    {
        var result = await BuiltPrograms.CompareAsync(
            await programs.BuildAsync(programs.Left, "-O1"),
            await programs.BuildAsync(programs.Right, "-O3")
        );

        Assert.Equal(CauseKind.Code, result.Causes[0].Kind);
        Assert.DoesNotContain(result.Causes, cause => cause.Kind is CauseKind.Ordering or CauseKind.Random or CauseKind.Timestamp);
    }

    [Fact]
    public async Task Another_order_of_the_modules_at_the_link_is_an_order()
    {
        var result = await BuiltPrograms.CompareAsync(
            await programs.BuildAsync(programs.Left),
            await programs.BuildAsync(programs.Right, order: ["words.c", "parse.c", "main.c", "shape.c"])
        );

        Assert.Equal([(CauseKind.Ordering, ".text")], Causes(result));
    }

    [Fact]
    public async Task Another_directory_of_the_build_is_a_build_path_in_the_debug_information()
    {
        var result = await BuiltPrograms.CompareAsync(
            await programs.BuildAsync(programs.Left, "-O2 -g"),
            await programs.BuildAsync(programs.Right, "-O2 -g")
        );

        Assert.Equal([(CauseKind.BuildPath, ".debug_line_str")], Causes(result));
        Assert.True(result.Root!.Children.Single(node => node.Path == ".note.gnu.build-id").Follows);
    }

    [Fact]
    public async Task Another_build_id_alone_is_random()
    {
        var result = await BuiltPrograms.CompareAsync(
            await programs.BuildAsync(programs.Left, linkFlags: "-Wl,--build-id=0x0123456789abcdef0123"),
            await programs.BuildAsync(programs.Left, linkFlags: "-Wl,--build-id=0xfedcba98765432100123")
        );

        Assert.Equal([(CauseKind.Random, ".note.gnu.build-id")], Causes(result));
    }

    [Fact]
    public async Task A_compiler_without_a_seed_is_random()
    {
        await programs.BuildAsync(programs.Left, "-O2 -flto");
        await programs.BuildAsync(programs.Right, "-O2 -flto");

        var result = await BuiltPrograms.CompareAsync(Path.Combine(programs.Left, "words.o"), Path.Combine(programs.Right, "words.o"));

        Assert.Equal(CauseKind.Random, result.Causes[0].Kind);
    }

    [Fact]
    public async Task Another_library_path_is_named_in_the_dynamic_section()
    {
        var result = await BuiltPrograms.CompareAsync(
            await programs.BuildAsync(programs.Left, linkFlags: "-Wl,-rpath,/opt/one/lib"),
            await programs.BuildAsync(programs.Left, linkFlags: "-Wl,-rpath,/srv/two/lib")
        );

        Assert.Equal(".dynamic", result.Causes[0].Path);
        Assert.Equal(("/opt/one/lib", "/srv/two/lib"), (result.Causes[0].Left, result.Causes[0].Right));
    }

    [Fact]
    public async Task A_member_of_a_static_library_names_the_function()
    {
        Requirement.Programs("ar");
        await programs.BuildAsync(programs.Left);
        await programs.BuildAsync(programs.Right, edits: LargerFunction);
        await BuiltPrograms.RunAsync("ar", "rcsD lib.a shape.o parse.o words.o", programs.Left);
        await BuiltPrograms.RunAsync("ar", "rcsD lib.a shape.o parse.o words.o", programs.Right);

        var result = await BuiltPrograms.CompareAsync(Path.Combine(programs.Left, "lib.a"), Path.Combine(programs.Right, "lib.a"));

        Assert.Equal((CauseKind.Code, "parse.o: .text parse"), Causes(result)[0]);
        Assert.Single(result.Causes, cause => cause.Kind == CauseKind.Code);
    }

    [Fact]
    public async Task A_function_of_OCaml_is_named_with_its_module()
    {
        var left = Samples.SampleABytes;
        var right = left.ToArray();
        var elf = Samples.Elf(left);
        Assert.True(elf.TryReadSymbols(out var symbols, out _));
        var symbol = Enumerable
            .Range(0, symbols.Count)
            .Select(index => symbols[index])
            .Single(symbol => symbols.NameOf(symbol).StartsWith("camlStdlib__List__length_aux_"u8));
        // add $2, %reg: one more, as OCaml counts.
        var code = right.AsSpan((int)symbol.Value, (int)symbol.Size);
        var add = code.IndexOf<byte>([0x48, 0x83]);
        Assert.True(add >= 0);
        code[add + 3] += 2;

        using var leftContent = new Content("left", ByteSource.Of(left));
        using var rightContent = new Content("right", ByteSource.Of(right));
        var result = await DifferenceEngine.CompareAsync(
            leftContent,
            rightContent,
            "left",
            "right",
            new DifferenceOptions(),
            TestContext.Current.CancellationToken
        );

        Assert.Equal([(CauseKind.Code, ".text Stdlib.List.length_aux")], Causes(result));
        Assert.Equal("1 function changed, 0 only moved", Summary(result));
    }

    public void Dispose() => programs.Dispose();

    private static List<(CauseKind Kind, string Path)> Causes(DifferenceResult result) =>
        [.. result.Causes.Select(cause => (cause.Kind, cause.Path))];

    private static string Summary(DifferenceResult result) => result.Root!.Changes.Single(change => change.Place == "functions").Text!;
}
