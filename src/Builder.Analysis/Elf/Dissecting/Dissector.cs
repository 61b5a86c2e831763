namespace Builder.Analysis.Elf;

/// <summary>
/// One walk over the file: which bytes belong to which section, which of those to an OCaml unit, which of the rest to a symbol.
/// Each byte is given away once, so the sizes add up.
/// </summary>
internal sealed class Dissector(ElfFile file, ElfSymbols symbols, DissectionOptions options)
{
    /// <summary>Code and data start at multiples of up to this; a smaller gap is filling.</summary>
    private const long LargestFilling = 64;

    private readonly DissectionTree _tree = new(symbols, file);
    private readonly List<OCamlPart> _parts = [];
    private ulong[] _positions = [];
    private int[] _indices = [];
    private int _count;
    private int[] _stretchOfSection = [];
    private readonly GoTables _goTables = new();

    public Dissection Dissect()
    {
        var isOfStripped = options.StrippedSize is not null || FileLayout.IsSeparateDebugFile(file);
        var size = options.StrippedSize ?? (isOfStripped ? FileLayout.SizeOfStripped(file) : file.Length);
        var layout = isOfStripped ? FileLayout.OfStripped(file, size) : FileLayout.OfFile(file);

        PlaceSymbols(layout);
        var units = _tree.Units;
        foreach (var stretch in layout.Stretches)
            Walk(stretch);
        _tree.Finish(layout);
        return new Dissection(_tree.Root, file.Length, isOfStripped, units.Totals(), symbols, _tree.Claims);
    }

    /// <summary>Finds the units by their markers and gives every other symbol its position.</summary>
    private void PlaceSymbols(FileLayout layout)
    {
        _stretchOfSection = new int[file.Sections.Length];
        Array.Fill(_stretchOfSection, -1);
        for (var i = 0; i < layout.Stretches.Count; i++)
        {
            if (!file.Sections.IsEmpty)
                _stretchOfSection[layout.Stretches[i].Section.Index] = i;
        }
        _positions = new ulong[symbols.Count];
        _indices = new int[symbols.Count];
        for (var index = 0; index < symbols.Count; index++)
            Place(symbols[index], index, layout);
        Array.Sort(_positions, _indices, 0, _count);
        _goTables.Complete();
        _parts.AddRange(_tree.Units.Parts());
        _parts.Sort((left, right) => left.Start != right.Start ? left.Start.CompareTo(right.Start) : right.End.CompareTo(left.End));
    }

    private void Place(ElfSymbol symbol, int index, FileLayout layout)
    {
        if (symbol.Type == ElfSymbol.File)
        {
            _tree.EnterFile(symbol);
            return;
        }
        if (
            symbol.Type is not (ElfSymbol.NoType or ElfSymbol.Object or ElfSymbol.Function or ElfSymbol.IndirectFunction)
            || symbol.Section <= 0
            || symbol.Section >= _stretchOfSection.Length
            || _stretchOfSection[symbol.Section] < 0
        )
            return;
        var stretch = layout.Stretches[_stretchOfSection[symbol.Section]];
        var offset = file.Header.Type == ElfType.Relocatable ? symbol.Value : unchecked(symbol.Value - stretch.Section.Address);
        if (!stretch.Section.IsLoaded || offset > stretch.Section.Size)
            return;
        // A marker may stand at the very end of its section.
        var position = stretch.Start + Math.Clamp((long)Math.Min(offset, long.MaxValue) - stretch.Skipped, 0, stretch.Length);
        var name = symbols.NameOf(symbol);
        if (OCamlMarker.TryParse(name, out var unit, out var marker))
        {
            _tree.Units.Mark(
                unit,
                marker,
                position,
                Math.Min((long)Math.Min(symbol.Size, long.MaxValue), stretch.End - position),
                stretch.End
            );
            return;
        }
        if (_tree.IsGo)
            _goTables.Mark(name, position, stretch.End);
        if (position == stretch.End || (ulong)stretch.Skipped > offset)
            return;
        _tree.RememberFile(index, symbol);
        _positions[_count] = (ulong)position;
        _indices[_count++] = index;
    }

    private int _nextPart;
    private int _nextSymbol;

    private void Walk(Stretch stretch)
    {
        var at = stretch.Start;
        while (_nextPart < _parts.Count && _parts[_nextPart].Start < stretch.End)
        {
            var part = _parts[_nextPart++];
            var start = Math.Max(part.Start, at);
            var end = Math.Min(part.End, stretch.End);
            if (start >= end)
                continue;
            WalkSymbols(stretch, at, start, null);
            WalkSymbols(stretch, start, end, _tree.Units.NodeOf(part, end - start));
            at = end;
        }
        WalkSymbols(stretch, at, stretch.End, null);
    }

    /// <summary>Gives the bytes from start to end to the symbols there; what is between them goes to the unit or the section.</summary>
    private void WalkSymbols(Stretch stretch, long start, long end, DissectionNode? unit)
    {
        var at = start;
        while (_nextSymbol < _count && (long)_positions[_nextSymbol] < start)
            _nextSymbol++;
        while (_nextSymbol < _count && (long)_positions[_nextSymbol] < end)
        {
            var position = (long)_positions[_nextSymbol];
            var (index, size) = BestAt(position);
            var next = _nextSymbol < _count ? Math.Min((long)_positions[_nextSymbol], end) : end;
            var symbol = symbols[index];
            if (size == 0 && (unit is not null || (stretch.Section.IsCode && symbol.Type is ElfSymbol.Function or ElfSymbol.NoType)))
                size = next - position;
            var from = Math.Max(position, at);
            var to = size > end - position ? end : position + size;
            if (from >= to)
                continue;
            if (unit is null)
            {
                Rest(stretch, at, from);
                _tree.Claim(index, symbol, to - from, stretch);
            }
            else
            {
                _tree.Claim(unit, symbol, to - from);
            }
            at = to;
        }
        if (unit is null)
            Rest(stretch, at, end);
    }

    /// <summary>Of several names for one address: the largest, then a global one, then the one that sorts first.</summary>
    private (int Index, long Size) BestAt(long position)
    {
        var best = _indices[_nextSymbol];
        while (++_nextSymbol < _count && (long)_positions[_nextSymbol] == position)
        {
            if (IsBetter(symbols[_indices[_nextSymbol]], symbols[best]))
                best = _indices[_nextSymbol];
        }
        return (best, (long)Math.Min(symbols[best].Size, long.MaxValue / 4));
    }

    private bool IsBetter(ElfSymbol symbol, ElfSymbol best)
    {
        if (symbol.Size != best.Size)
            return symbol.Size > best.Size;
        if (symbol.IsLocal != best.IsLocal)
            return best.IsLocal;
        return symbols.NameOf(symbol).SequenceCompareTo(symbols.NameOf(best)) < 0;
    }

    /// <summary>Bytes that no symbol names: of a table of the Go linker between its marks, else of the section.</summary>
    private void Rest(Stretch stretch, long start, long end)
    {
        foreach (var (name, tableStart, tableEnd) in _goTables.Between(start, end))
        {
            RestOfSection(stretch, tableStart - start);
            _tree.AddGoTable(name, tableEnd - tableStart);
            start = tableEnd;
        }
        RestOfSection(stretch, end - start);
    }

    private void RestOfSection(Stretch stretch, long size)
    {
        if (size <= 0)
            return;
        if (size < LargestFilling && stretch.Section.IsLoaded && size < stretch.Length)
            _tree.AddFilling(size);
        else
            _tree.AddRest(stretch.Section, size);
    }
}
