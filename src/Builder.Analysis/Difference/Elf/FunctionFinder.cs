using System.Text;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Where functions are: by the symbol table, by the unwind table for what has no symbol, and what lies between.</summary>
internal static class FunctionFinder
{
    private const int MaxFunctions = 1 << 20;

    /// <summary>What is shorter than this between two functions is padding.</summary>
    private const int MinGap = 64;

    private const int Symbol = 0;
    private const int Frame = 1;

    /// <summary>In order of addresses, without overlaps.</summary>
    public static ElfFunction[] Find(ElfSide side)
    {
        var found = FromSymbols(side);
        foreach (var (start, size) in FrameTable.Read(side))
            found.Add(new Candidate(start, size, null, "", Frame, IsLocal: true));
        if (found.Count > MaxFunctions)
        {
            side.Notices.Add($"only the first {MaxFunctions} functions are compared");
            found.RemoveRange(MaxFunctions, found.Count - MaxFunctions);
        }
        found.Sort(Candidate.ByStart);
        var functions = new List<ElfFunction>(found.Count);
        for (var i = 0; i < found.Count; )
        {
            var (start, size, name, module, _, _) = found[i];
            var next = i + 1;
            for (; next < found.Count && found[next].Start == start; next++)
                size = Math.Max(size, found[next].Size);
            i = next;
            Add(side, functions, name, module, start, size, next < found.Count ? found[next].Start : ulong.MaxValue);
        }
        return WithGaps(side, functions);
    }

    public static bool IsCode(ElfSection section) =>
        section is { IsCode: true, IsLoaded: true, Size: > 0 } && !section.Name.StartsWith(".plt", StringComparison.Ordinal);

    private static List<Candidate> FromSymbols(ElfSide side)
    {
        var found = new List<Candidate>();
        var symbols = side.Symbols;
        var module = "";
        for (var i = 0; i < symbols.Count; i++)
        {
            var symbol = symbols[i];
            if (symbol.Type == ElfSymbol.File)
                module = Encoding.UTF8.GetString(symbols.NameOf(symbol));
            if (
                symbol.Section <= 0
                || symbol.Section >= side.Sections.Length
                || !IsCode(side.Sections[symbol.Section])
                || symbol.Type is not (ElfSymbol.Function or ElfSymbol.IndirectFunction or ElfSymbol.NoType)
            )
                continue;
            var name = symbols.NameOf(symbol);
            if (name.IsEmpty || symbol.Type == ElfSymbol.NoType && IsMark(name) || OCamlMarker.TryParse(name, out _, out _))
                continue;
            found.Add(
                new Candidate(
                    side.AddressOf(symbol),
                    symbol.Size,
                    Encoding.UTF8.GetString(name),
                    symbol.IsLocal ? module : "",
                    Symbol,
                    symbol.IsLocal
                )
            );
            if (found.Count > MaxFunctions)
                break;
        }
        return found;
    }

    // $x, $d: where code and data begin on ARM and RISC-V. .L: labels of the assembler.
    private static bool IsMark(ReadOnlySpan<byte> name) => name[0] == '$' || name.StartsWith(".L"u8);

    private static void Add(ElfSide side, List<ElfFunction> functions, string? name, string module, ulong start, ulong size, ulong next)
    {
        var index = side.SectionAt(start);
        if (index < 0 || !IsCode(side.Sections[index]))
            return;
        var rest = side.Sections[index].Size - (start - side.AddressOf(index));
        if (size == 0)
            size = rest;
        size = Math.Min(Math.Min(size, rest), next - start);
        if (size is > 0 and < int.MaxValue)
            functions.Add(new ElfFunction(functions.Count, name, module, start, (int)size, index));
    }

    private static ElfFunction[] WithGaps(ElfSide side, List<ElfFunction> functions)
    {
        var all = new List<ElfFunction>(functions.Count);
        var next = 0;
        foreach (var section in side.Sections.Where(IsCode).OrderBy(section => side.AddressOf(section.Index)))
        {
            var at = side.AddressOf(section.Index);
            var end = at + section.Size;
            for (; next < functions.Count && functions[next].Start < end; next++)
            {
                AddGap(at, functions[next].Start, section.Index);
                all.Add(functions[next] with { Index = all.Count });
                at = Math.Max(at, functions[next].End);
            }
            AddGap(at, end, section.Index);
        }
        return [.. all];

        void AddGap(ulong from, ulong to, int section)
        {
            if (to > from && to - from is >= MinGap and < int.MaxValue)
                all.Add(new ElfFunction(all.Count, null, "", from, (int)(to - from), section));
        }
    }

    private readonly record struct Candidate(ulong Start, ulong Size, string? Name, string Module, int Source, bool IsLocal)
    {
        // Of several names of one place the same one is taken on both sides: global before local, then by name.
        public static int ByStart(Candidate left, Candidate right)
        {
            var order = left.Start.CompareTo(right.Start);
            if (order == 0)
                order = left.Source.CompareTo(right.Source);
            if (order == 0)
                order = left.IsLocal.CompareTo(right.IsLocal);
            return order != 0 ? order : string.CompareOrdinal(left.Name, right.Name);
        }
    }
}
