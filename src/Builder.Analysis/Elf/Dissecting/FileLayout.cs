namespace Builder.Analysis.Elf;

/// <summary>Which bytes belong to which section, each once, and what lies between them.</summary>
internal sealed class FileLayout
{
    private const int ChunkSize = 1 << 16;

    private readonly ElfFile _file;
    private readonly List<Stretch> _stretches = [];

    private FileLayout(ElfFile file) => _file = file;

    /// <summary>In order of position.</summary>
    public IReadOnlyList<Stretch> Stretches => _stretches;

    public long Headers { get; private set; }

    /// <summary>Zeros between sections, so that the next one starts where it must.</summary>
    public long Filling { get; private set; }

    public long Unaccounted { get; private set; }

    /// <summary>Of the file as it is.</summary>
    public static FileLayout OfFile(ElfFile file)
    {
        var layout = new FileLayout(file);
        var end = 0L;
        foreach (
            var part in Parts(file)
                .OrderBy(part => part.Start)
                .ThenByDescending(part => part.Section is null)
                .ThenBy(part => part.Section?.Index)
        )
        {
            var start = Math.Max(part.Start, end);
            if (start >= part.End)
                continue;
            layout.Gap(end, start);
            if (part.Section is null)
                layout.Headers += part.End - start;
            else
                layout._stretches.Add(new Stretch(part.Section, start, start - part.Start, part.End - start));
            end = part.End;
        }
        layout.Gap(end, file.Length);
        return layout;
    }

    /// <summary>Of the binary that is left when this file is stripped: the loaded sections, end to end.</summary>
    public static FileLayout OfStripped(ElfFile file, long size)
    {
        var layout = new FileLayout(file);
        var position = 0L;
        var isSeparate = IsSeparateDebugFile(file);
        foreach (var section in file.Sections)
        {
            var length = (long)Math.Min(section.Size, (ulong)Math.Max(0, size - position));
            if (!IsKept(section, isSeparate) || length == 0)
                continue;
            layout._stretches.Add(new Stretch(section, position, 0, length));
            position += length;
        }
        layout.Headers = size - position;
        return layout;
    }

    /// <summary>
    /// Its code and data are elsewhere: <c>objcopy --only-keep-debug</c> makes such files, and keeps of the loaded sections their headers and
    /// the notes.
    /// </summary>
    public static bool IsSeparateDebugFile(ElfFile file)
    {
        if (file.Header.Type is not (ElfType.Executable or ElfType.SharedObject))
            return file.Sections.Any(section => section is { IsLoaded: true, IsCode: true, Type: ElfSection.NoBits, Size: > 0 });
        var loaded = file
            .Sections.Where(section =>
                section is { IsLoaded: true, Size: > 0 } && !(section.Type == ElfSection.NoBits && IsZeroed(section))
            )
            .ToList();
        return loaded.Exists(section => section is { IsCode: true, Type: ElfSection.NoBits })
            || (
                loaded.Exists(section => section.Type == ElfSection.NoBits)
                && loaded.TrueForAll(section => section.Type is ElfSection.NoBits or ElfSection.Note)
            );
    }

    /// <summary>Bytes of the loaded sections of the binary that is left when this file is stripped.</summary>
    public static long SizeOfStripped(ElfFile file)
    {
        var isSeparate = IsSeparateDebugFile(file);
        var size = file.Sections.Where(section => IsKept(section, isSeparate)).Sum(section => (decimal)section.Size);
        return (long)Math.Min(size, long.MaxValue / 2);
    }

    private static bool IsKept(ElfSection section, bool isSeparate) =>
        section.IsLoaded && (section.HasBytes || (isSeparate && section.Type == ElfSection.NoBits && !IsZeroed(section)));

    private static bool IsZeroed(ElfSection section) =>
        section.Name.StartsWith(".bss", StringComparison.Ordinal)
        || section.Name.StartsWith(".tbss", StringComparison.Ordinal)
        || section.Name
            is ".noptrbss"
                or ".lbss"
                or ".sbss"
                or ".dynbss"
                or ".relro_padding"
                or "__libc_freeres_ptrs"
                or ".heap"
                or ".stack"
        || section.Name.StartsWith(".gnu.linkonce.b.", StringComparison.Ordinal)
        || section.Name.StartsWith(".gnu.linkonce.tb.", StringComparison.Ordinal)
        || section.Name.StartsWith(".lbss.", StringComparison.Ordinal)
        || section.Name.StartsWith(".sbss.", StringComparison.Ordinal);

    private static IEnumerable<Part> Parts(ElfFile file)
    {
        var places = file.Places;
        yield return new Part(0, places.FileHeader, null);
        if (places.SegmentsLength > 0)
            yield return new Part(places.Segments, places.Segments + places.SegmentsLength, null);
        if (places.SectionsLength > 0)
            yield return new Part(places.Sections, places.Sections + places.SectionsLength, null);
        foreach (var section in file.Sections)
        {
            if (section.HasBytes && section.Offset < (ulong)file.Length)
                yield return new Part(
                    (long)section.Offset,
                    (long)section.Offset + (long)Math.Min(section.Size, (ulong)file.Length - section.Offset),
                    section
                );
        }
        if (!file.Sections.IsEmpty)
            yield break;
        // Without section headers the segments still say what is code and what is data.
        foreach (
            var (segment, index) in file
                .Segments.Where(segment => segment.Type == ElfSegment.Load)
                .Select((segment, index) => (segment, index))
        )
        {
            if (segment.Offset < (ulong)file.Length)
                yield return new Part(
                    (long)segment.Offset,
                    (long)segment.Offset + (long)Math.Min(segment.SizeInFile, (ulong)file.Length - segment.Offset),
                    new ElfSection(
                        index,
                        SegmentName(segment),
                        1,
                        SectionFlags(segment),
                        segment.Address,
                        segment.Offset,
                        segment.SizeInFile,
                        0,
                        0
                    )
                );
        }
    }

    private static string SegmentName(ElfSegment segment) =>
        (segment.Flags & 1) != 0 ? "code segment"
        : (segment.Flags & 2) != 0 ? "data segment"
        : "read-only segment";

    private static ulong SectionFlags(ElfSegment segment) => 2 | ((segment.Flags & 1) << 2) | ((segment.Flags & 2) >> 1);

    private void Gap(long start, long end)
    {
        if (start >= end)
            return;
        if (IsZero(start, end))
            Filling += end - start;
        else
            Unaccounted += end - start;
    }

    private bool IsZero(long start, long end)
    {
        var chunk = new byte[Math.Min(end - start, ChunkSize)];
        while (start < end)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, end - start));
            _file.Source.Read(start, part);
            if (part.ContainsAnyExcept((byte)0))
                return false;
            start += part.Length;
        }
        return true;
    }

    private readonly record struct Part(long Start, long End, ElfSection? Section);
}
