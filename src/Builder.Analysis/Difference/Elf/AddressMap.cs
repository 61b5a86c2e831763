using System.Text;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Says what is at the addresses of one side.</summary>
internal sealed class AddressMap
{
    private const int MaxData = 1 << 20;
    private const int MaxLinkages = 1 << 16;

    private readonly ElfSide side;
    private readonly ulong[] functionStarts;
    private readonly Dictionary<ulong, (int Symbol, long Addend)> slots;
    private readonly ElfSymbols loaderSymbols;
    private readonly Dictionary<ulong, AddressTarget> linkages = [];
    private readonly ulong[] dataStarts;

    public AddressMap(ElfSide side, ElfFunction[] functions)
    {
        this.side = side;
        Functions = functions;
        functionStarts = [.. functions.Select(function => function.Start)];
        (loaderSymbols, slots) = DynamicRelocations.Read(side);
        Data = FindData(side);
        dataStarts = [.. Data.Select(symbol => symbol.Start)];
    }

    public ElfFunction[] Functions { get; }

    /// <summary>In order of addresses.</summary>
    public DataSymbol[] Data { get; }

    public AddressTarget At(in CodeItem item)
    {
        if (item.Import >= 0)
            return new AddressTarget(AddressTargetKind.Import, 0, (long)item.Target, Name(side.Symbols, item.Import));
        return At(item.Target);
    }

    public AddressTarget At(ulong address)
    {
        var index = side.SectionAt(address);
        if (index < 0)
            return default;
        var section = side.Sections[index];
        if (section.IsCode)
            return FunctionFinder.IsCode(section) ? InCode(address, index) : Linkage(address, index);
        if (slots.TryGetValue(address, out var slot) && section.Name.StartsWith(".got", StringComparison.Ordinal))
            return Slot(slot);
        var at = Before(dataStarts, address);
        if (
            at >= 0
            && Data[at] is var symbol
            && symbol.Section == index
            && (address - symbol.Start < symbol.Size || symbol.Size == 0 && section.IsWritable || address == symbol.Start)
        )
            return new AddressTarget(AddressTargetKind.Data, at, (long)(address - symbol.Start), null);
        return new AddressTarget(AddressTargetKind.Section, index, (long)(address - side.AddressOf(index)), null);
    }

    /// <summary>The symbol that ends at an address: loops compare with the end of a table.</summary>
    public AddressTarget EndingAt(ulong address)
    {
        var at = address == 0 ? -1 : Before(dataStarts, address - 1);
        return at >= 0 && Data[at] is var symbol && address - symbol.Start == symbol.Size
            ? new AddressTarget(AddressTargetKind.Data, at, (long)(address - symbol.Start), null)
            : default;
    }

    private static string Name(ElfSymbols symbols, int symbol) => Encoding.UTF8.GetString(symbols.NameOf(symbols[symbol]));

    private static int Before(ulong[] starts, ulong address)
    {
        var at = Array.BinarySearch(starts, address);
        return at >= 0 ? at : ~at - 1;
    }

    private AddressTarget InCode(ulong address, int section)
    {
        var at = Before(functionStarts, address);
        return at >= 0 && address < Functions[at].End
            ? new AddressTarget(AddressTargetKind.Function, at, (long)(address - Functions[at].Start), null)
            : new AddressTarget(AddressTargetKind.Section, section, 0, null);
    }

    private AddressTarget Slot((int Symbol, long Addend) slot)
    {
        if (slot.Symbol > 0)
            return new AddressTarget(AddressTargetKind.Import, 0, slot.Addend, Name(loaderSymbols, slot.Symbol));
        // A pointer to something of our own; not followed again.
        var address = (ulong)slot.Addend;
        var index = side.SectionAt(address);
        if (index < 0)
            return default;
        if (FunctionFinder.IsCode(side.Sections[index]))
            return InCode(address, index);
        var at = Before(dataStarts, address);
        return at >= 0 && Data[at].Section == index && address - Data[at].Start <= Data[at].Size
            ? new AddressTarget(AddressTargetKind.Data, at, (long)(address - Data[at].Start), null)
            : new AddressTarget(AddressTargetKind.Section, index, (long)(address - side.AddressOf(index)), null);
    }

    // An entry of the procedure linkage table jumps through a slot that names the symbol.
    private AddressTarget Linkage(ulong address, int section)
    {
        if (linkages.TryGetValue(address, out var known))
            return known;
        var slot = side.File.Header.Machine switch
        {
            0x3E => X86Reader.SlotOf(side.BytesAt(address), address),
            0x03 => X86Reader.SlotOf32(side.BytesAt(address), address, side.GlobalOffsetTable),
            0xB7 => Arm64Reader.SlotOf(side.BytesAt(address), address),
            _ => null,
        };
        var place =
            slot is { } found && slots.TryGetValue(found, out var entry)
                ? Slot(entry)
                : new AddressTarget(AddressTargetKind.Section, section, 0, null);
        if (linkages.Count < MaxLinkages)
            linkages.Add(address, place);
        return place;
    }

    private static DataSymbol[] FindData(ElfSide side)
    {
        var found = new List<DataSymbol>();
        var symbols = side.Symbols;
        var module = "";
        for (var i = 0; i < symbols.Count && found.Count < MaxData; i++)
        {
            var symbol = symbols[i];
            if (symbol.Type == ElfSymbol.File)
                module = Encoding.UTF8.GetString(symbols.NameOf(symbol));
            if (symbol.Type is not (ElfSymbol.Object or ElfSymbol.NoType) || symbol.Section <= 0 || symbol.Section >= side.Sections.Length)
                continue;
            var section = side.Sections[symbol.Section];
            var name = symbols.NameOf(symbol);
            if (
                !section.IsLoaded
                || section.IsCode
                || name.IsEmpty
                || symbol.Type == ElfSymbol.NoType && (name[0] == '$' || name.StartsWith(".L"u8))
            )
                continue;
            found.Add(
                new DataSymbol(
                    Encoding.UTF8.GetString(name),
                    symbol.IsLocal ? module : "",
                    side.AddressOf(symbol),
                    symbol.Size,
                    section.Index,
                    symbol.IsLocal
                )
            );
        }
        found.Sort(DataSymbol.ByStart);
        return [.. found.Where((symbol, i) => i == 0 || found[i - 1].Start != symbol.Start)];
    }
}
