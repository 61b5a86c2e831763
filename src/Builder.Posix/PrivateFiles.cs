using Microsoft.Win32.SafeHandles;

namespace Builder.Posix;

/// <summary>
/// Directories and files that only their owner may open: modes 0700 and 0600, whatever the umask says. What is there already keeps its mode: an
/// operator may have opened it to a group.
/// </summary>
public static class PrivateFiles
{
    public const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates the directory, and what is missing above it, each with mode 0700.</summary>
    /// <exception cref="IOException">A file has its name, or the file system refuses.</exception>
    public static void CreateDirectory(string path)
    {
        // .NET gives the mode to the last directory alone.
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } parent && !Directory.Exists(parent))
            CreateDirectory(parent);
        Directory.CreateDirectory(path, DirectoryMode);
    }

    /// <summary>Opens for writing; a file that this creates has mode 0600.</summary>
    public static FileStream Open(
        string path,
        System.IO.FileMode mode,
        FileAccess access = FileAccess.Write,
        FileShare share = FileShare.None,
        int bufferSize = 4096,
        FileOptions options = FileOptions.None
    ) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = mode,
                Access = access,
                Share = share,
                BufferSize = bufferSize,
                Options = options,
                UnixCreateMode = Creates(mode) ? FileMode : null,
            }
        );

    /// <summary>As <see cref="Open"/>, for reading and writing at any place of the file.</summary>
    public static SafeFileHandle OpenHandle(string path, System.IO.FileMode mode, FileAccess access, FileShare share)
    {
        if (!Creates(mode))
            return File.OpenHandle(path, mode, access, share);
        Open(path, mode, share: share, bufferSize: 0).Dispose();
        return File.OpenHandle(path, System.IO.FileMode.Open, access, share);
    }

    /// <summary>Makes an empty file of mode 0600 where none is, for a library that opens it by name and would make one that others can read.</summary>
    public static void CreateIfMissing(string path)
    {
        if (!File.Exists(path))
            Open(path, System.IO.FileMode.OpenOrCreate).Dispose();
    }

    private static bool Creates(System.IO.FileMode mode) => mode is not (System.IO.FileMode.Open or System.IO.FileMode.Truncate);
}
