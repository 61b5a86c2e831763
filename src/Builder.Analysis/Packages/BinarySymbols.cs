using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Packages;

/// <summary>The names of symbols that a binary has or takes from shared libraries, as an index keeps them: 47 bits of the SHA-256 of each.</summary>
public static class BinarySymbols
{
    /// <summary>Of one binary; what is behind them is left out.</summary>
    private const int MaxNames = 500_000;

    private const ulong Mask = (1UL << 47) - 1;

    /// <param name="name">As <c>nm</c> prints it, without a version behind <c>@</c>.</param>
    public static ulong Term(string name) => Term(Encoding.UTF8.GetBytes(name));

    /// <summary>
    /// In order. Functions of OCaml are there twice, with and without the number that the compiler puts behind the name: <c>camlTls__Engine__f_123</c> and
    /// <c>camlTls__Engine__f</c>. Empty where the binary has no symbols, or its table is broken.
    /// </summary>
    public static ulong[] Terms(ElfFile file)
    {
        if (!file.TryReadSymbols(out var symbols, out _))
            return [];
        var terms = new HashSet<ulong>();
        for (var index = 0; index < symbols.Count && terms.Count < MaxNames; index++)
        {
            var symbol = symbols[index];
            if (symbol.Type is not (ElfSymbol.NoType or ElfSymbol.Object or ElfSymbol.Function or ElfSymbol.IndirectFunction))
                continue;
            var name = symbols.NameOf(symbol);
            if (name.IndexOf((byte)'@') is var version and > 0)
                name = name[..version];
            if (name.IsEmpty || name.StartsWith(".L"u8))
                continue;
            terms.Add(Term(name));
            if (name.StartsWith("caml"u8) && WithoutNumber(name) is { IsEmpty: false } plain)
                terms.Add(Term(plain));
        }
        return [.. terms.Order()];
    }

    private static ReadOnlySpan<byte> WithoutNumber(ReadOnlySpan<byte> name)
    {
        var end = name.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end > 0 && end < name.Length - 1 && name[end] == '_' ? name[..end] : [];
    }

    private static ulong Term(ReadOnlySpan<byte> name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash) & Mask;
    }
}
