namespace Builder.Storage.Troubles;

/// <summary>What keeps the storage from working until somebody changes something outside of this program.</summary>
public enum TroubleKind
{
    /// <summary>Another process has a lock and keeps it.</summary>
    DatabaseLocked,

    /// <summary>The database server is away, or does not answer in time.</summary>
    DatabaseUnreachable,

    /// <summary>The database's file, or its place, is read-only or belongs to another user.</summary>
    DatabaseUnwritable,

    /// <summary>The tables are of a newer or older version than this program's.</summary>
    DatabaseSchema,

    /// <summary>No room on the disk, or none within the quota.</summary>
    DiskFull,

    /// <summary>A file system that is mounted read-only.</summary>
    ReadOnly,

    /// <summary>The user that this program runs as may not do it.</summary>
    Denied,

    /// <summary>This process or the system has no file descriptors left.</summary>
    Descriptors,

    /// <summary>The disk fails.</summary>
    Disk,

    /// <summary>The object store is away, or refuses.</summary>
    ObjectStore,
}
