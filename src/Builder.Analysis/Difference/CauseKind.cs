namespace Builder.Analysis.Difference;

/// <summary>Why two builds differ. The list is closed; <see cref="CauseNames"/> gives the names that people see.</summary>
public enum CauseKind
{
    /// <summary>None of the others, or a file on one side only.</summary>
    Content,
    Timestamp,
    BuildPath,
    Random,
    Ordering,
    FileMetadata,
    Host,
    Locale,
    Compression,
    Code,
}
