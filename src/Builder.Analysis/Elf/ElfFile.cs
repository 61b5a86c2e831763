using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Builder.Analysis.Elf;

/// <summary>
/// The tables of an ELF file of either class and byte order. Each offset, size and count is checked against the file before it is used;
/// a file that is none, or is broken, is a normal answer with a reason.
/// </summary>
public sealed class ElfFile
{
    /// <summary>No table of a file of this world comes near; one that claims more is not read into memory.</summary>
    internal const long LargestTable = 256L << 20;

    private const ulong LargestNoteSection = 1 << 20;

    private readonly ByteSource _source;

    internal ElfFile(
        ByteSource source,
        ElfHeader header,
        ImmutableArray<ElfSegment> segments,
        ImmutableArray<ElfSection> sections,
        HeaderPlaces places
    )
    {
        _source = source;
        Header = header;
        Segments = segments;
        Sections = sections;
        Places = places;
        BuildId = FindBuildId();
    }

    public ElfHeader Header { get; }

    public ImmutableArray<ElfSegment> Segments { get; }

    public ImmutableArray<ElfSection> Sections { get; }

    public long Length => _source.Length;

    /// <summary>What the linker named this output; lower-case hexadecimal, null without one.</summary>
    public string? BuildId { get; }

    /// <summary>It runs without a dynamic loader.</summary>
    public bool IsStatic =>
        Header.Type is ElfType.Executable or ElfType.SharedObject && !Segments.Any(segment => segment.Type == ElfSegment.Interpreter);

    /// <summary>It may be loaded anywhere and can be started.</summary>
    public bool IsPositionIndependentExecutable =>
        Header.Type == ElfType.SharedObject && (Header.Entry != 0 || Segments.Any(segment => segment.Type == ElfSegment.Interpreter));

    /// <summary>It has no symbol table; names of a dynamic one may remain.</summary>
    public bool IsStripped =>
        !Sections.Any(section => section.Type == ElfSection.SymbolTable && section.Size > (ulong)ElfSymbols.EntrySizeOf(Header.Fields));

    /// <summary>Where the file's own headers lie, as offset and length in the file.</summary>
    internal HeaderPlaces Places { get; }

    internal ByteSource Source => _source;

    public static bool TryRead(ByteSource source, [NotNullWhen(true)] out ElfFile? file, [NotNullWhen(false)] out string? reason)
    {
        try
        {
            return ElfTables.TryRead(source, out file, out reason);
        }
        catch (EndOfStreamException)
        {
            file = null;
            reason = "the file became shorter while it was read";
            return false;
        }
    }

    /// <param name="stream">Seekable; stays open.</param>
    public static bool TryRead(Stream stream, [NotNullWhen(true)] out ElfFile? file, [NotNullWhen(false)] out string? reason) =>
        TryRead(ByteSource.Of(stream), out file, out reason);

    public ElfSection? Section(string name) => Sections.FirstOrDefault(section => section.Name == name);

    /// <summary>The notes of a section up to the first that does not fit into it.</summary>
    public IEnumerable<ElfNote> Notes(ElfSection section) => section.HasBytes ? NotesAt(section.Offset, section.Size) : [];

    public IEnumerable<ElfNote> Notes(ElfSegment segment) => NotesAt(segment.Offset, segment.SizeInFile);

    /// <summary>The symbol table, else the dynamic one, else an empty one; a reason where the table is broken.</summary>
    public bool TryReadSymbols([NotNullWhen(true)] out ElfSymbols? symbols, [NotNullWhen(false)] out string? reason)
    {
        try
        {
            return ElfSymbols.TryRead(this, out symbols, out reason);
        }
        catch (EndOfStreamException)
        {
            symbols = null;
            reason = "the file became shorter while its symbols were read";
            return false;
        }
    }

    internal bool IsInside(ulong offset, ulong size) => offset <= (ulong)Length && size <= (ulong)Length - offset;

    private IEnumerable<ElfNote> NotesAt(ulong offset, ulong size)
    {
        if (!IsInside(offset, size) || size > LargestNoteSection)
            yield break;
        var bytes = new byte[size];
        _source.Read((long)offset, bytes);
        var reader = Header.Fields;
        for (var at = 0L; at <= bytes.Length - 12; )
        {
            var ownerSize = reader.UInt32(bytes, (int)at);
            var descriptorSize = reader.UInt32(bytes, (int)at + 4);
            var type = reader.UInt32(bytes, (int)at + 8);
            var owner = at + 12;
            var descriptor = owner + Align4(ownerSize);
            if (descriptor + descriptorSize > bytes.Length)
                yield break;
            var ownerText = System.Text.Encoding.Latin1.GetString(bytes.AsSpan((int)owner, (int)ownerSize));
            yield return new ElfNote(
                ownerText.EndsWith('\0') ? ownerText[..^1] : ownerText,
                type,
                bytes.AsMemory((int)descriptor, (int)descriptorSize)
            );
            at = descriptor + Align4(descriptorSize);
        }
    }

    private static long Align4(uint size) => (size + 3L) & ~3L;

    private string? FindBuildId()
    {
        const uint GnuBuildId = 3;
        var notes = Section(".note.gnu.build-id") is { } section
            ? Notes(section)
            : Segments.Where(segment => segment.Type == ElfSegment.Note).SelectMany(Notes);
        var note = notes.FirstOrDefault(note => note is { Owner: "GNU", Type: GnuBuildId } && note.Descriptor.Length is > 0 and <= 64);
        return note is null ? null : Convert.ToHexStringLower(note.Descriptor.Span);
    }
}
