namespace Builder.Storage.Maintenance;

/// <summary>What can be wrong between the tables and the files.</summary>
public enum FindingKind
{
    /// <summary>A row needs a file that is not there.</summary>
    Missing,

    /// <summary>A file that no row needs.</summary>
    Extra,

    /// <summary>A file whose bytes are not what its name, or its row, says.</summary>
    Changed,

    /// <summary>An artifact that lies under another name than its content's.</summary>
    Misplaced,

    /// <summary>A file or directory that cannot be read, by this user or at all.</summary>
    Unreadable,

    /// <summary>Rows that contradict each other.</summary>
    Inconsistent,
}
