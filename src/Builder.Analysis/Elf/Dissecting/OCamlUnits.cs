namespace Builder.Analysis.Elf;

/// <summary>The units that markers tell of, their ranges, and how much of those they got.</summary>
internal sealed class OCamlUnits
{
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);
    private readonly List<Unit> _units = [];

    public int Count => _units.Count;

    public void Mark(string name, int marker, long position, long size, long sectionEnd)
    {
        if (!_byName.TryGetValue(name, out var index))
        {
            _byName.Add(name, index = _units.Count);
            _units.Add(new Unit(name));
        }
        var unit = _units[index];
        unit.Positions[marker] = position;
        if (marker == OCamlMarker.Frametable)
            unit.FrametableSize = size;
        if (marker is OCamlMarker.CodeBegin or OCamlMarker.DataBegin)
            unit.Limits[marker] = sectionEnd;
    }

    /// <summary>Ranges whose both ends are known, in one section, in order.</summary>
    public IEnumerable<OCamlPart> Parts()
    {
        for (var index = 0; index < _units.Count; index++)
        {
            var unit = _units[index];
            if (unit.Range(OCamlMarker.CodeBegin, OCamlMarker.CodeEnd) is { } code)
                yield return new OCamlPart(index, DissectionKind.OCamlCode, code.Start, code.End);
            if (unit.Range(OCamlMarker.DataBegin, OCamlMarker.DataEnd) is { } data)
                yield return new OCamlPart(index, DissectionKind.OCamlData, data.Start, data.End);
            if (unit.Positions[OCamlMarker.Frametable] >= 0 && unit.FrametableSize > 0)
                yield return new OCamlPart(
                    index,
                    DissectionKind.OCamlFrametable,
                    unit.Positions[OCamlMarker.Frametable],
                    unit.Positions[OCamlMarker.Frametable] + unit.FrametableSize
                );
        }
    }

    /// <summary>The node of a unit's code, data or frametable, larger by <paramref name="size"/>.</summary>
    public DissectionNode NodeOf(OCamlPart part, long size) => Grow(_units[part.Unit], part.Kind, size);

    /// <summary>The unit that a symbol outside every range belongs to by its name: with sections per function there are such.</summary>
    public DissectionNode? NodeOf(ReadOnlySpan<char> symbol, DissectionKind kind, long size)
    {
        var lookup = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var end = symbol.Length; end > 0; end = symbol[..end].LastIndexOfAny('_', '.', '$'))
        {
            if (lookup.TryGetValue(symbol[..end].TrimEnd('_'), out var index))
                return Grow(_units[index], kind, size);
        }
        return null;
    }

    public IReadOnlyList<OCamlUnit> Totals() =>
        [
            .. _units
                .Select(unit => new OCamlUnit(unit.Name, unit.Code.OwnSize, unit.Data.OwnSize, unit.Frametable.OwnSize))
                .OrderBy(unit => unit.Name, StringComparer.Ordinal),
        ];

    /// <summary>Hangs the units below <paramref name="root"/>, each at the place that its name tells.</summary>
    public void HangBelow(DissectionNode root)
    {
        var modules = new Dictionary<string, DissectionNode>(StringComparer.Ordinal);
        foreach (var unit in _units)
        {
            var node = root;
            var path = "";
            foreach (var part in OCamlUnit.PathOf(unit.Name))
            {
                path = $"{path}/{part}";
                if (!modules.TryGetValue(path, out var module))
                    modules.Add(path, module = node.Add(new DissectionNode(part, DissectionKind.OCaml)));
                node = module;
            }
            node.Add(unit.Code);
            node.Add(unit.Data);
            node.Add(unit.Frametable);
        }
    }

    private static DissectionNode Grow(Unit unit, DissectionKind kind, long size)
    {
        var node = kind switch
        {
            DissectionKind.OCamlCode => unit.Code,
            DissectionKind.OCamlData => unit.Data,
            _ => unit.Frametable,
        };
        node.OwnSize += size;
        return node;
    }

    private sealed class Unit(string name)
    {
        public string Name { get; } = name;

        public long[] Positions { get; } = [-1, -1, -1, -1, -1];

        /// <summary>Ends of the sections in which the ranges begin.</summary>
        public long[] Limits { get; } = [0, 0, 0, 0];

        public long FrametableSize { get; set; }

        public DissectionNode Code { get; } = new("code", DissectionKind.OCamlCode);

        public DissectionNode Data { get; } = new("data", DissectionKind.OCamlData);

        public DissectionNode Frametable { get; } = new("frametable", DissectionKind.OCamlFrametable);

        public (long Start, long End)? Range(int begin, int end) =>
            Positions[begin] >= 0 && Positions[end] > Positions[begin] && Positions[end] <= Limits[begin]
                ? (Positions[begin], Positions[end])
                : null;
    }
}
