namespace Builder.Analysis.Difference.Containers;

/// <summary>A file, directory or link in an archive.</summary>
/// <param name="Type"><c>file</c>, <c>directory</c>, <c>symbolic link</c>, …</param>
/// <param name="Packed">The bytes as they lie in the archive.</param>
internal sealed record ArchiveMember(string Name, string Type, Content Packed, IReadOnlyList<MemberField> Fields)
{
    /// <summary>Unpacks the content; null where it lies in the archive as it is.</summary>
    public Func<DifferenceContext, bool, Content>? Unpack { get; init; }

    /// <summary>Checksum of the unpacked content where the archive has one.</summary>
    public long? Checksum { get; init; }

    /// <summary>How it is packed; empty for not at all.</summary>
    public string Method { get; init; } = "";

    /// <summary>The archive wrote it for itself, such as a symbol table: its content follows from the members.</summary>
    public bool IsIndex { get; init; }
}
