using Builder.Analysis.Difference;
using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Difference;

/// <summary>Programs with broken tables: an answer with a reason, whatever they claim.</summary>
public sealed class HostileElfTests
{
    private const int Seed = 20_261_126;
    private const int Mutations = 400;

    private static readonly long[] Claims =
    [
        0,
        1,
        -1,
        7,
        24,
        64,
        0x7FFF,
        0xFFFF,
        0x10000,
        int.MaxValue,
        uint.MaxValue,
        long.MaxValue,
        long.MinValue,
        1L << 40,
    ];

    public static TheoryData<string> Samples =>
        ["elf/split/stripped", "elf/split/plain.debug", "elf/rust/tables.o", "elf/go/gopie", "elf/hostile/program"];

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Any_field_may_lie(string name)
    {
        var bytes = Read(name);
        var random = new Random(Seed);
        foreach (var target in Fields(bytes))
        {
            var other = bytes.ToArray();
            BitConverter.TryWriteBytes(other.AsSpan(target), Claims[random.Next(Claims.Length)]);
            await CompareAsync(bytes, other);
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Any_bytes_may_be_others_on_both_sides(string name)
    {
        var bytes = Read(name);
        var random = new Random(Seed);
        for (var i = 0; i < Mutations; i++)
            await CompareAsync(Mutated(bytes, random), Mutated(bytes, random));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task It_may_end_anywhere(string name)
    {
        var bytes = Read(name);
        for (var length = 0; length < bytes.Length; length += 1 + bytes.Length / 200)
            await CompareAsync(bytes, bytes[..length]);
    }

    private static byte[] Read(string name) => name == "elf/hostile/program" ? OneOfThisMachine() : Vectors.Read(name);

    // With code, a symbol table, unwind information and relocations of a real linker.
    private static byte[] OneOfThisMachine()
    {
        Requirement.Programs("gcc");
        using var directory = new TemporaryDirectory();
        File.WriteAllText(
            directory["m.c"],
            "#include <stdio.h>\nstatic double f(double x) { return x * 3.5; }\nint main(int c, char **v) { printf(\"some text %f of %s\\n\", f(c), v[0]); return c; }\n"
        );
        BuiltPrograms.RunAsync("gcc", "-O1 -g m.c -o m", directory.Path).GetAwaiter().GetResult();
        return File.ReadAllBytes(directory["m"]);
    }

    /// <summary>Each field of the file header and of the section headers, and some of each table.</summary>
    private static IEnumerable<int> Fields(byte[] bytes)
    {
        for (var at = 16; at < 64; at += 2)
            yield return Math.Min(at, bytes.Length - 8);
        if (!ElfFile.TryRead(ByteSource.Of(bytes), out var file, out _))
            yield break;
        var table = BitConverter.ToInt64(bytes, 40);
        for (var at = table; table > 0 && at < Math.Min(bytes.Length - 8, table + file.Sections.Length * 64); at += 8)
            yield return (int)at;
        foreach (var section in file.Sections.Where(section => section.HasBytes && section.Size >= 16))
        {
            for (var at = 0UL; at < Math.Min(section.Size, 192) - 8; at += 8)
                yield return (int)(section.Offset + at);
        }
    }

    private static byte[] Mutated(byte[] bytes, Random random)
    {
        var copy = bytes.ToArray();
        for (var i = random.Next(1, 12); i > 0; i--)
        {
            // The tables at the end are as often hit as the rest.
            var at = random.Next(4) == 0 ? copy.Length - 1 - random.Next(Math.Min(copy.Length, 2048)) : random.Next(16, copy.Length);
            if (random.Next(2) == 0)
                copy[at] = (byte)random.Next(256);
            else
                BitConverter.TryWriteBytes(copy.AsSpan(Math.Min(at, copy.Length - 8)), Claims[random.Next(Claims.Length)]);
        }
        return copy;
    }

    private static async Task CompareAsync(byte[] leftBytes, byte[] rightBytes)
    {
        using var left = new Content("left", ByteSource.Of(leftBytes));
        using var right = new Content("right", ByteSource.Of(rightBytes));
        var result = await DifferenceEngine.CompareAsync(
            left,
            right,
            "left",
            "right",
            new DifferenceOptions(),
            TestContext.Current.CancellationToken
        );
        Assert.True(result.Root is null || result.Causes.Count > 0);
    }
}
