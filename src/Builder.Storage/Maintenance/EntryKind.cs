namespace Builder.Storage.Maintenance;

internal enum EntryKind
{
    Absent,
    File,
    Directory,
    Link,
}
