using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Execution;

/// <summary>What a name in a directory stands for.</summary>
internal enum EntryKind
{
    RegularFile,
    Directory,
    SymbolicLink,

    /// <summary>Pipe, socket or device.</summary>
    Special,
}

/// <summary>A name in a directory, of any bytes.</summary>
internal readonly record struct DirectoryEntry(byte[] Name, EntryKind Kind, long Size)
{
    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const uint STATX_TYPE_MODE_SIZE = 0x1 | 0x2 | 0x200;
    private const int S_IFMT = 0xF000;
    private const int S_IFDIR = 0x4000;
    private const int S_IFREG = 0x8000;
    private const int S_IFLNK = 0xA000;

    /// <summary>The entries of a directory, sorted by their bytes.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public static unsafe List<DirectoryEntry> In(ReadOnlySpan<byte> directory)
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
        names.Sort((left, right) => left.AsSpan().SequenceCompareTo(right));

        var entries = new List<DirectoryEntry>(names.Count);
        foreach (var name in names)
        {
            if (Look(Join(directory, name), name) is { } entry)
                entries.Add(entry);
        }
        return entries;
    }

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

    private static unsafe DirectoryEntry? Look(byte[] path, byte[] name)
    {
        Posix.StatX status;
        if (Posix.statx(AT_FDCWD, Posix.Terminated(path), AT_SYMLINK_NOFOLLOW, STATX_TYPE_MODE_SIZE, &status) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error == Posix.ENOENT ? null : throw Posix.Error("cannot read the directory", error);
        }
        var kind = (status.Mode & S_IFMT) switch
        {
            S_IFREG => EntryKind.RegularFile,
            S_IFDIR => EntryKind.Directory,
            S_IFLNK => EntryKind.SymbolicLink,
            _ => EntryKind.Special,
        };
        return new DirectoryEntry(name, kind, (long)status.Size);
    }
}
