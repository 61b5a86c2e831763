namespace Builder.Analysis.Elf;

/// <summary>
/// Tables that the Go linker marks with a symbol of size 0 at each end. A position-independent or externally linked program has no section
/// of its own for them: they lie in .data.rel.ro.
/// </summary>
internal sealed class GoTables
{
    public const string Functions = "runtime.pclntab (function tables)";
    public const string Types = "type descriptors";
    public const string TypeLinks = "type links";
    public const string Interfaces = "interface tables";
    public const string Symbols = "runtime.symtab";

    private static readonly (byte[] Start, byte[] End, string Name)[] Marks =
    [
        ("runtime.pclntab"u8.ToArray(), "runtime.epclntab"u8.ToArray(), Functions),
        ("runtime.types"u8.ToArray(), "runtime.etypes"u8.ToArray(), Types),
        ("runtime.typelink"u8.ToArray(), "runtime.etypelink"u8.ToArray(), TypeLinks),
        ("runtime.itablink"u8.ToArray(), "runtime.eitablink"u8.ToArray(), Interfaces),
        ("runtime.symtab"u8.ToArray(), "runtime.esymtab"u8.ToArray(), Symbols),
    ];

    private readonly long[] _starts = [.. Marks.Select(_ => -1L)];
    private readonly long[] _ends = [.. Marks.Select(_ => -1L)];
    private readonly long[] _limits = new long[Marks.Length];
    private readonly List<(string Name, long Start, long End)> _tables = [];

    /// <param name="limit">Where the section of the symbol ends.</param>
    public void Mark(ReadOnlySpan<byte> symbol, long position, long limit)
    {
        if (!symbol.StartsWith("runtime."u8))
            return;
        for (var i = 0; i < Marks.Length; i++)
        {
            if (symbol.SequenceEqual(Marks[i].Start))
                (_starts[i], _limits[i]) = (position, limit);
            else if (symbol.SequenceEqual(Marks[i].End))
                _ends[i] = position;
        }
    }

    /// <summary>Both ends of each table are known now, if they ever are.</summary>
    public void Complete()
    {
        var end = 0L;
        foreach (
            var (name, start, tableEnd) in Marks
                .Select((mark, i) => (mark.Name, _starts[i], Math.Min(_ends[i], _limits[i])))
                .Where(table => table.Item2 >= 0 && table.Item3 > table.Item2)
                .OrderBy(table => table.Item2)
        )
        {
            // A hostile file may let them overlap: each byte belongs to one.
            if (tableEnd > Math.Max(start, end))
                _tables.Add((name, Math.Max(start, end), tableEnd));
            end = Math.Max(end, tableEnd);
        }
    }

    /// <summary>What of the tables lies from <paramref name="start"/> to <paramref name="end"/>, in order.</summary>
    public IEnumerable<(string Name, long Start, long End)> Between(long start, long end)
    {
        foreach (var (name, tableStart, tableEnd) in _tables)
        {
            if (Math.Max(start, tableStart) < Math.Min(end, tableEnd))
                yield return (name, Math.Max(start, tableStart), Math.Min(end, tableEnd));
        }
    }

    /// <summary>The table that a section is; null for other sections. Without external linking each has its own.</summary>
    public static string? OfSection(string name)
    {
        var own = name.StartsWith(".data.rel.ro.", StringComparison.Ordinal) ? name[".data.rel.ro".Length..] : name;
        return own switch
        {
            ".gopclntab" => Functions,
            ".typelink" => TypeLinks,
            ".itablink" => Interfaces,
            ".gosymtab" => Symbols,
            ".go.buildinfo" => "build information",
            _ => null,
        };
    }
}
