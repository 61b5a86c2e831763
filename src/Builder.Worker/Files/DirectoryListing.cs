using System.Runtime.InteropServices;
using Builder.Worker.Native;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Files;

/// <summary>What a name in a directory stands for.</summary>
internal enum EntryKind
{
    RegularFile,
    Directory,
    SymbolicLink,

    Pipe,

    Socket,

    Device,
}

/// <summary>A name in a directory, of any bytes.</summary>
/// <param name="BytesOnDisk">Divided by the number of its names.</param>
internal readonly record struct DirectoryEntry(byte[] Name, EntryKind Kind, long Size, long BytesOnDisk)
{
    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const uint STATX_WANTED = 0x1 | 0x2 | 0x4 | 0x200 | 0x400;
    private const int S_IFMT = 0xF000;
    private const int S_IFDIR = 0x4000;
    private const int S_IFREG = 0x8000;
    private const int S_IFLNK = 0xA000;
    private const int S_IFIFO = 0x1000;
    private const int S_IFSOCK = 0xC000;

    /// <summary>The entries of a directory, sorted by their bytes.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public static List<DirectoryEntry> In(ReadOnlySpan<byte> directory)
    {
        var names = NamesIn(directory);
        names.Sort((left, right) => left.AsSpan().SequenceCompareTo(right));

        var entries = new List<DirectoryEntry>(names.Count);
        foreach (var name in names)
        {
            if (Look(Join(directory, name), name) is { } entry)
                entries.Add(entry);
        }
        return entries;
    }

    /// <summary>The names in a directory, in no order.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public static unsafe List<byte[]> NamesIn(ReadOnlySpan<byte> directory)
    {
        var names = new List<byte[]>();
        var stream = Posix.opendir(Posix.Terminated(directory));
        if (stream == 0)
            throw Posix.LastError("cannot read the directory");
        try
        {
            const int NameOffset = 19;
            while (Posix.readdir(stream) is var entry && entry is not null)
            {
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset);
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    names.Add(name.ToArray());
            }
        }
        finally
        {
            _ = Posix.closedir(stream);
        }
        return names;
    }

    /// <summary>A directory to be named by its descriptor from now on.</summary>
    /// <exception cref="IOException">It is not there, or no directory.</exception>
    public static SafeFileHandle OpenDirectory(string path)
    {
        var descriptor = Posix.open(Posix.Terminated(path), Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW | Posix.O_CLOEXEC);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Posix.LastError($"cannot open {path}");
    }

    /// <summary>A path that leads to what a descriptor of this process stands for, whatever has become of its name.</summary>
    public static string PathOf(SafeFileHandle handle) => $"/proc/self/fd/{(int)handle.DangerousGetHandle()}";

    public static byte[] Join(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name)
    {
        var path = new byte[directory.Length + 1 + name.Length];
        directory.CopyTo(path);
        path[directory.Length] = (byte)'/';
        name.CopyTo(path.AsSpan(directory.Length + 1));
        return path;
    }

    /// <summary>Opens for reading what is still a regular file at this path.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle OpenFile(ReadOnlySpan<byte> path)
    {
        // Not blocking: should a pipe have come in the file's place, the open would wait for ever.
        var descriptor = Posix.open(Posix.Terminated(path), Posix.O_RDONLY | Posix.O_NOFOLLOW | Posix.O_NONBLOCK | Posix.O_CLOEXEC);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Posix.LastError("cannot read the file");
    }

    /// <summary>What there is at a path, links not followed; null where there is nothing.</summary>
    public static unsafe DirectoryEntry? Look(byte[] path, byte[] name)
    {
        Posix.StatX status;
        if (Posix.statx(AT_FDCWD, Posix.Terminated(path), AT_SYMLINK_NOFOLLOW, STATX_WANTED, &status) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error is Posix.ENOENT or Posix.ENOTDIR ? null : throw Posix.Error("cannot read the directory", error);
        }
        var kind = (status.Mode & S_IFMT) switch
        {
            S_IFREG => EntryKind.RegularFile,
            S_IFDIR => EntryKind.Directory,
            S_IFLNK => EntryKind.SymbolicLink,
            S_IFIFO => EntryKind.Pipe,
            S_IFSOCK => EntryKind.Socket,
            _ => EntryKind.Device,
        };
        return new DirectoryEntry(
            name,
            kind,
            (long)status.Size,
            (long)status.Blocks * 512 / Math.Max(1, kind == EntryKind.Directory ? 1 : (int)status.Links)
        );
    }
}
