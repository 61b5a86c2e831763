using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Builder.Worker.Native;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Files;

/// <summary>
/// Removes a tree that a stranger made. Directories are moved up to the top before they are emptied, so that no depth is too deep
/// and no path too long; links are not followed, names of any bytes, directories without permissions, files that may not be
/// changed and file systems that a job left mounted are no obstacle.
/// </summary>
internal static class DirectoryRemoval
{
    private const int AT_REMOVEDIR = 0x200;
    private const int MNT_DETACH = 2;
    private const int UMOUNT_NOFOLLOW = 8;
    private const uint OwnerOnly = 0b111_000_000;

    /// <param name="top">May be gone already.</param>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public static void Remove(string top)
    {
        if (new FileInfo(top) is { LinkTarget: not null })
            throw new IOException($"cannot remove {top}: a link has taken the place of the directory");
        // The job may have closed even this one to its owner.
        if (Directory.Exists(top))
            File.SetUnixFileMode(top, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var descriptor = Posix.open(Posix.Terminated(top), Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW | Posix.O_CLOEXEC);
        if (descriptor < 0)
        {
            if (Marshal.GetLastPInvokeError() == Posix.ENOENT)
                return;
            throw Posix.LastError($"cannot remove {top}");
        }
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Remove(top, handle);
    }

    /// <param name="top">Where the directory was made.</param>
    /// <param name="handle">The directory, wherever a job has moved it since.</param>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public static void Remove(string top, SafeFileHandle handle)
    {
        var path = DirectoryEntry.PathOf(handle);
        var place = new FileInfo(path).LinkTarget ?? top;
        UnmountBelow(place);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        new Emptying(top, handle).Run();
        try
        {
            Directory.Delete(place);
        }
        catch (DirectoryNotFoundException)
        {
            // The worker and its supervisor, when they lose each other, both clean up.
        }
    }

    /// <summary>Nothing may be removed through a mount point: what is behind it is not the job's.</summary>
    private static void UnmountBelow(string top)
    {
        foreach (
            var line in File.ReadLines("/proc/self/mountinfo")
                .Where(line => line.Contains(top, StringComparison.Ordinal))
                .Reverse()
                .ToList()
        )
        {
            // ID PARENT MAJOR:MINOR ROOT MOUNTPOINT …, with blanks and newlines in names as \040 and \012.
            var point = Unescape(line.Split(' ')[4]);
            if (point.AsSpan().StartsWith(Encoding.UTF8.GetBytes(top + "/")))
                _ = Posix.umount2(Posix.Terminated(point), MNT_DETACH | UMOUNT_NOFOLLOW); // one that stays is refused by the move below
        }
    }

    private static byte[] Unescape(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length)
            {
                bytes.Add((byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text, i, 1));
            }
        }
        return [.. bytes];
    }

    private sealed class Emptying(string top, SafeFileHandle handle)
    {
        // Nobody can have a name prepared that is made up only now.
        private readonly string prefix = $".removed-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}-";
        private readonly byte[] root = Encoding.UTF8.GetBytes(DirectoryEntry.PathOf(handle));
        private readonly Stack<byte[]> moved = new();
        private int count;

        public void Run()
        {
            Empty([]);
            while (moved.TryPop(out var directory))
            {
                Empty(directory);
                Try(directory, () => Posix.unlinkat(handle, Posix.Terminated(directory), AT_REMOVEDIR));
            }
        }

        private void Empty(byte[] directory)
        {
            foreach (var entry in DirectoryEntry.In(directory.Length == 0 ? root : DirectoryEntry.Join(root, directory)))
            {
                var relative = directory.Length == 0 ? entry.Name : DirectoryEntry.Join(directory, entry.Name);
                var name = Posix.Terminated(relative);
                if (entry.Kind != EntryKind.Directory)
                {
                    Try(relative, () => Posix.unlinkat(handle, name, 0));
                    continue;
                }
                var place = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{prefix}{count++}"));
                Try(relative, () => Posix.fchmodat(handle, name, OwnerOnly, 0));
                Try(relative, () => Posix.renameat(handle, name, handle, Posix.Terminated(place)));
                moved.Push(place);
            }
        }

        private void Try(byte[] relative, Func<int> call)
        {
            if (call() == 0)
                return;
            if (Marshal.GetLastPInvokeError() == Posix.EPERM)
            {
                AllowChanges(relative);
                if (call() == 0)
                    return;
            }
            if (Marshal.GetLastPInvokeError() != Posix.ENOENT)
                throw Posix.LastError($"cannot remove {top}");
        }

        /// <summary>Takes the attributes "immutable" and "append only" (chattr(1)) from a file and from the directory it is in.</summary>
        private unsafe void AllowChanges(byte[] relative)
        {
            const uint GetFlags = 0x80086601;
            const uint SetFlags = 0x40086602;
            const int ImmutableOrAppendOnly = 0x10 | 0x20;
            var slash = Array.LastIndexOf(relative, (byte)'/');
            foreach (var path in (byte[][])[relative, slash < 0 ? [(byte)'.'] : relative[..slash]])
            {
                var descriptor = Posix.openat(
                    handle,
                    Posix.Terminated(path),
                    Posix.O_RDONLY | Posix.O_NOFOLLOW | Posix.O_NONBLOCK | Posix.O_CLOEXEC
                );
                if (descriptor < 0)
                    continue; // a link or a socket has no such attributes
                using var file = new SafeFileHandle(descriptor, ownsHandle: true);
                var flags = 0L;
                if (Posix.ioctl(file, GetFlags, (int*)&flags) != 0)
                    continue;
                flags &= ~ImmutableOrAppendOnly;
                _ = Posix.ioctl(file, SetFlags, (int*)&flags);
            }
        }
    }
}
