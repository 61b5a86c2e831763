using Builder.Analysis.Difference;
using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Difference;

/// <summary>Programs whose addresses have four bytes: code that counts from the global offset table, addends that stand at the place.</summary>
public sealed class ThirtyTwoBitTests : IDisposable
{
    private const string Source = """
        extern int outside(int);
        static const char *const names[] = { "alpha", "beta", "gamma" };
        int counter = 3;
        __attribute__((noipa)) int before(int x) { if (x > 2) return EDIT; counter += x; return counter; }
        __attribute__((noipa)) int named(int x) { return outside(x) + names[x % 3][0] + counter; }
        __attribute__((noipa)) static int inner(int x) { return x * 3 + counter; }
        int all(int x) { return before(x) + named(x) + inner(x); }
        #ifdef MAIN
        int outside(int x) { return x + 1; }
        void _start(void) { int result = all(3); for (;;) counter = result; }
        #endif

        """;

    private readonly TemporaryDirectory directory = new();

    public ThirtyTwoBitTests() => Requirement.Programs("gcc", "strip");

    [Theory]
    [InlineData("-fno-pic -c")]
    [InlineData("-fpic -c")]
    [InlineData("-nostdlib -fno-pic -no-pie -DMAIN")]
    [InlineData("-nostdlib -fpie -pie -DMAIN")]
    [InlineData("-nostdlib -fpic -shared")]
    public async Task A_function_that_grows_is_the_only_one_that_is_named(string flags)
    {
        var left = await BuildAsync("left", flags, "counter");
        var right = await BuildAsync("right", flags, "counter * 5 + outside(x) + outside(counter)");

        var result = await BuiltPrograms.CompareAsync(left, right);

        Assert.Equal([(CauseKind.Code, ".text before")], result.Causes.Select(cause => (cause.Kind, cause.Path)));
        Assert.StartsWith(
            "1 function changed, ",
            result.Root!.Changes.Single(change => change.Place == "functions").Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_stripped_library_keeps_the_names_that_it_exports()
    {
        const string Flags = "-nostdlib -fpic -shared";
        var left = await BuildAsync("left", Flags, "counter");
        var right = await BuildAsync("right", Flags, "counter * 5 + outside(x) + outside(counter)");
        await BuiltPrograms.RunAsync("strip", $"{left} {right}", directory.Path);

        var result = await BuiltPrograms.CompareAsync(left, right);

        Assert.Equal((CauseKind.Code, ".text before"), (result.Causes[0].Kind, result.Causes[0].Path));
    }

    [Fact]
    public async Task Headers_symbols_and_notes_are_read()
    {
        var bytes = await File.ReadAllBytesAsync(
            await BuildAsync("program", "-nostdlib -fpie -pie -DMAIN -Wl,--build-id=0x0123456789abcdef", "counter"),
            TestContext.Current.CancellationToken
        );

        Assert.True(ElfFile.TryRead(ByteSource.Of(bytes), out var file, out var reason), reason);
        Assert.True(file.Header.Is32Bit);
        Assert.Equal("x86", file.Header.MachineName);
        Assert.Equal("0123456789abcdef", file.BuildId);
        Assert.False(file.IsStripped);
        Assert.Contains(file.Segments, segment => segment.Type == ElfSegment.Load && segment.SizeInFile > 0);
        Assert.True(file.TryReadSymbols(out var symbols, out reason), reason);
        var named = Enumerable
            .Range(0, symbols.Count)
            .Select(index => symbols[index])
            .Single(symbol => symbols.NameOf(symbol).SequenceEqual("named"u8));
        Assert.Equal(ElfSymbol.Function, named.Type);
        Assert.Equal(".text", file.Sections[named.Section].Name);
        Assert.InRange(named.Size, 10u, 200u);
    }

    [Fact]
    public async Task Any_byte_of_the_tables_may_be_another()
    {
        var left = await File.ReadAllBytesAsync(
            await BuildAsync("program", "-nostdlib -fpic -shared", "counter"),
            TestContext.Current.CancellationToken
        );
        var random = new Random(20_261_127);
        for (var round = 0; round < 400; round++)
        {
            var right = left.ToArray();
            for (var i = 0; i < 8; i++)
                right[random.Next(right.Length)] = (byte)random.Next(256);
            right[4] = 1;
            await CompareAsync(left, right);
            await CompareAsync(right, right.AsSpan(0, random.Next(right.Length)).ToArray());
        }
    }

    public void Dispose() => directory.Dispose();

    private static async Task CompareAsync(byte[] left, byte[] right)
    {
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
        Assert.True(result.IsSame || result.Causes.Count > 0);
    }

    private async Task<string> BuildAsync(string name, string flags, string edit)
    {
        await File.WriteAllTextAsync(directory[$"{name}.c"], Source, TestContext.Current.CancellationToken);
        await BuiltPrograms.RunAsync(
            "gcc",
            $"-m32 -O1 -ffreestanding {flags} \"-DEDIT={edit}\" {name}.c -o {directory[name]}",
            directory.Path
        );
        return directory[name];
    }
}
