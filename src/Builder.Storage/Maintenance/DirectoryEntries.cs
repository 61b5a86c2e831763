using System.Runtime.InteropServices;

namespace Builder.Storage.Maintenance;

/// <summary>What stands at a path or in a directory, links taken for what they are: nothing behind one is the data directory's.</summary>
internal static unsafe partial class DirectoryEntries
{
    private const int RelativeToHere = -100;
    private const int NotBehindLinks = 0x100;
    private const uint KindOnly = 1;
    private const int KindBits = 0xF000;
    private const int RegularFile = 0x8000;

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
        return file.Exists ? OfFile(path) : Directory.Exists(path) ? EntryKind.Directory : EntryKind.Absent;
    }

    public static EntryKind KindOf(FileSystemInfo entry) =>
        entry.LinkTarget is not null ? EntryKind.Link : entry is DirectoryInfo ? EntryKind.Directory : OfFile(entry.FullName);

    /// <summary>For a finding: what is there in place of a file.</summary>
    public static string Describe(string path) => KindOf(path) switch
    {
        EntryKind.Link => $"a symbolic link to {new FileInfo(path).LinkTarget}",
        EntryKind.Directory => "a directory",
        EntryKind.Special => "a pipe, socket or device",
        _ => "a file",
    };

    /// <summary>What .NET takes for a file may be none that can be read to its end (statx(2)).</summary>
    private static EntryKind OfFile(string path)
    {
        Status status;
        return OperatingSystem.IsLinux() && Look(RelativeToHere, path, NotBehindLinks, KindOnly, &status) == 0 && (status.Mode & KindBits) != RegularFile
            ? EntryKind.Special
            : EntryKind.File;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Look(int directory, string path, int flags, uint mask, Status* status);

    /// <summary><c>struct statx</c>, the part that is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}
