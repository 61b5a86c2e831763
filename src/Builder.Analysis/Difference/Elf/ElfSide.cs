using System.Collections.Immutable;
using System.Globalization;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>One of the two files: its tables, and the bytes of those sections that were asked for.</summary>
internal sealed class ElfSide
{
    /// <summary>Bytes of all sections that are kept, on one side.</summary>
    private const long MaxLoaded = 72L << 20;

    private const ulong MaxSymbolTable = 48UL << 20;

    /// <summary>Sections of a file that is not linked yet all start at 0; here each gets a place of its own.</summary>
    private const ulong FirstPlace = 0x1_0000;

    private readonly byte[]?[] loaded;
    private readonly ulong[] addresses;
    private readonly ulong[] starts;
    private readonly int[] byStart;
    private long total;

    private ElfSide(ElfFile file, ElfSymbols symbols)
    {
        File = file;
        Symbols = symbols;
        loaded = new byte[]?[file.Sections.Length];
        addresses = new ulong[file.Sections.Length];
        AddressTarget();
        GlobalOffsetTable = IsRelocatable ? 0 : (SectionNamed(".got.plt") ?? SectionNamed(".got"))?.Address ?? 0;
        byStart =
        [
            .. file
                .Sections.Where(section => section.IsLoaded && section.Size > 0 && !IsThreadLocalSpace(section))
                .Select(section => section.Index)
                .OrderBy(index => addresses[index]),
        ];
        starts = [.. byStart.Select(index => addresses[index])];
    }

    public ElfFile File { get; }

    public ElfSymbols Symbols { get; }

    public ImmutableArray<ElfSection> Sections => File.Sections;

    public bool IsRelocatable => File.Header.Type == ElfType.Relocatable;

    /// <summary>Instructions hold addresses as they are, not relative to where they stand.</summary>
    public bool HasAbsoluteAddresses => File.Header.Type == ElfType.Executable;

    /// <summary>What position-independent code of 32 bits counts addresses from (i386 psABI, "Global Offset Table"); 0 where there is none.</summary>
    public ulong GlobalOffsetTable { get; }

    public List<string> Notices { get; } = [];

    /// <exception cref="InvalidDataException">It cannot be read as ELF; the message says why.</exception>
    public static ElfSide Open(ByteSource bytes)
    {
        if (!ElfFile.TryRead(bytes, out var file, out var reason))
            throw new InvalidDataException(reason);
        var none = new ElfSymbols([], [], [], file.Header.Fields, isDynamic: false);
        if (
            file.Sections.Any(section =>
                section.Type is ElfSection.SymbolTable or ElfSection.DynamicSymbols && section.Size > MaxSymbolTable
            )
        )
            reason = string.Create(CultureInfo.InvariantCulture, $"the symbol table has more than {MaxSymbolTable >> 20} MiB");
        else if (file.TryReadSymbols(out var symbols, out reason))
            return new ElfSide(file, symbols);
        var side = new ElfSide(file, none);
        side.Notices.Add($"symbols are not compared: {reason}");
        return side;
    }

    /// <summary>Where a section is in memory.</summary>
    public ulong AddressOf(int section) => (uint)section < (uint)addresses.Length ? addresses[section] : 0;

    /// <summary>The section in memory at an address, or −1.</summary>
    public int SectionAt(ulong address)
    {
        var at = Array.BinarySearch(starts, address);
        if (at < 0)
            at = ~at - 1;
        if (at < 0)
            return -1;
        var section = byStart[at];
        return address - addresses[section] < Sections[section].Size ? section : -1;
    }

    /// <summary>The bytes of a section, unpacked where it is compressed; empty where it has none, lies about its place, or is too large.</summary>
    public ReadOnlySpan<byte> Bytes(int section) => Loaded(section);

    /// <summary>The bytes from an address to the end of its section.</summary>
    public ReadOnlySpan<byte> BytesAt(ulong address)
    {
        var section = SectionAt(address);
        if (section < 0)
            return default;
        var bytes = Bytes(section);
        var offset = address - addresses[section];
        return offset < (ulong)bytes.Length ? bytes[(int)offset..] : default;
    }

    /// <summary>The same as <see cref="Bytes"/>, as it is kept.</summary>
    public byte[] Loaded(int section) => loaded[section] ??= Load(Sections[section]);

    public ElfSection? SectionNamed(string name) => File.Section(name);

    public ulong AddressOf(in ElfSymbol symbol) => IsRelocatable ? AddressOf(symbol.Section) + symbol.Value : symbol.Value;

    private static bool IsThreadLocalSpace(ElfSection section) => (section.Flags & 0x400) != 0 && !section.HasBytes;

    private void AddressTarget()
    {
        var next = FirstPlace;
        foreach (var section in File.Sections)
        {
            if (!IsRelocatable)
            {
                addresses[section.Index] = section.Address;
            }
            else if (section.IsLoaded)
            {
                addresses[section.Index] = next;
                next += Math.Min(section.Size, 1UL << 40) + 0x1000 & ~0xFUL;
            }
        }
    }

    private byte[] Load(ElfSection section)
    {
        if (!section.HasBytes || section.Size == 0)
            return [];
        if (!File.IsInside(section.Offset, section.Size))
        {
            Notices.Add($"section {section.Name} is not read: it reaches beyond the end of the file");
            return [];
        }
        if (!TryTake(section.Size))
        {
            Notices.Add($"section {section.Name} is not read: the sections that are compared have more than {MaxLoaded >> 20} MiB");
            return [];
        }
        var bytes = GC.AllocateUninitializedArray<byte>((int)section.Size);
        File.Source.Read((long)section.Offset, bytes);
        if (!CompressedSection.Is(section))
            return bytes;
        if (CompressedSection.TryUnpack(bytes, File.Header.Fields, TryTake, out var unpacked))
            return unpacked;
        Notices.Add($"section {section.Name} is not read: it cannot be unpacked");
        return [];
    }

    private bool TryTake(ulong size)
    {
        if (size > (ulong)(MaxLoaded - total))
            return false;
        total += (long)size;
        return true;
    }
}
