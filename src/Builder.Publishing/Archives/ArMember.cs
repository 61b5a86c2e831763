namespace Builder.Publishing.Archives;

/// <summary>A member of an ar archive: its header's name and the place of its bytes in the file.</summary>
internal sealed record ArMember(string Name, long Offset, long Length, ReadOnlyMemory<byte> Header);
