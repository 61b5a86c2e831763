namespace Builder.Analysis.Elf;

/// <summary>Lengths of the file header, and offset and length of both header tables; all of it inside the file.</summary>
internal readonly record struct HeaderPlaces(long FileHeader, long Segments, long SegmentsLength, long Sections, long SectionsLength);
