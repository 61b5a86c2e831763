namespace Builder.Storage.Maintenance;

internal enum EntryKind
{
    Absent,
    File,
    Directory,
    Link,

    /// <summary>A pipe, a socket or a device: opening one can wait for ever.</summary>
    Special,
}
