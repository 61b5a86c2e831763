using Builder.Posix;

namespace Builder.Storage.Maintenance;

/// <summary>What stands at a path or in a directory, links taken for what they are: nothing behind one is the data directory's.</summary>
internal static class DirectoryEntries
{
    /// <summary>Empty where there is no such directory.</summary>
    /// <exception cref="UnauthorizedAccessException">This user may not look into it.</exception>
    public static IReadOnlyList<FileSystemInfo> Of(string directory)
    {
        try
        {
            return [.. new DirectoryInfo(directory).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    public static EntryKind KindOf(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
            return EntryKind.Link;
        return file.Exists ? FileOrSpecial(path)
            : Directory.Exists(path) ? EntryKind.Directory
            : EntryKind.Absent;
    }

    public static EntryKind KindOf(FileSystemInfo entry) =>
        entry.LinkTarget is not null ? EntryKind.Link
        : entry is DirectoryInfo ? EntryKind.Directory
        : FileOrSpecial(entry.FullName);

    /// <summary>For a finding: what is there in place of a file.</summary>
    public static string Describe(string path) =>
        KindOf(path) switch
        {
            EntryKind.Link => $"a symbolic link to {new FileInfo(path).LinkTarget}",
            EntryKind.Directory => "a directory",
            EntryKind.Special => "a pipe, socket or device",
            _ => "a file",
        };

    private static EntryKind FileOrSpecial(string path) =>
        EntryStatus.Of(path) is { Type: not EntryType.File } ? EntryKind.Special : EntryKind.File;
}
