using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Builder.Worker.Files;
using Builder.Worker.Native;

namespace Builder.Worker.Roots;

/// <summary>
/// Reads a directory tree to its digest: SHA-256 over one record for each entry, in the order of the bytes of their paths. A record is
/// <c>TYPE MODE UID GID DETAIL PATH</c> and a NUL. TYPE is f, d, l, p, s, c or b; MODE is octal; DETAIL is the SHA-256 of a file's content or of a
/// link's target, <c>MAJOR:MINOR</c> of a device, else <c>-</c>; PATH is <c>.</c> for the tree itself, else <c>./</c> and the path in it. Times, hard
/// links and extended attributes are not part of it.
/// </summary>
public static class TreeReader
{
    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const uint STATX_BASIC_STATS = 0x7ff;
    private const int PermissionBits = 0xFFF;
    private const int MaxLinkLength = 4096;
    private const int MaxEntries = 5_000_000;
    private const int ReadBuffer = 1 << 17;

    /// <param name="tree">Its absolute path.</param>
    /// <exception cref="IOException">It cannot be read in whole; the message names the path.</exception>
    public static TreeReading Read(string tree, CancellationToken cancellationToken)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var entries = Entries(tree, cancellationToken);
        var buffer = new byte[ReadBuffer];
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = entry.Path.Length == 0 ? "."u8.ToArray() : DirectoryEntry.Join("."u8, entry.Path);
            digest.AppendData(
                Encoding.ASCII.GetBytes(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{entry.Type} {Convert.ToString(entry.Mode & PermissionBits, 8)} {entry.User} {entry.Group} {Detail(tree, entry, buffer, cancellationToken)} "
                    )
                )
            );
            digest.AppendData(path);
            digest.AppendData([0]);
        }
        return new TreeReading(Convert.ToHexStringLower(digest.GetHashAndReset()), StateOf(entries), entries.Count);
    }

    /// <summary><see cref="TreeReading.State"/> without reading any content: some milliseconds for ten thousand files.</summary>
    /// <exception cref="IOException">A directory cannot be read.</exception>
    public static string ReadState(string tree, CancellationToken cancellationToken) => StateOf(Entries(tree, cancellationToken));

    private static string StateOf(List<Entry> entries)
    {
        using var state = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in entries)
        {
            state.AppendData(entry.Path);
            state.AppendData(MemoryMarshal.AsBytes<long>([entry.Path.Length, entry.Mode, entry.User, entry.Group, .. entry.State]));
        }
        return Convert.ToHexStringLower(state.GetHashAndReset());
    }

    private static List<Entry> Entries(string tree, CancellationToken cancellationToken)
    {
        var root = Encoding.UTF8.GetBytes(tree);
        var entries = new List<Entry> { Look(root, [], null) };
        if (entries[0].Type != 'd')
            throw new IOException($"{tree} is not a directory");
        for (var next = 0; next < entries.Count; next++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var directory = entries[next];
            if (directory.Type != 'd')
                continue;
            foreach (var name in Names(root, directory.Path))
            {
                if (entries.Count >= MaxEntries)
                    throw new IOException($"{tree} has more than {MaxEntries} entries");
                entries.Add(Look(root, directory.Path.Length == 0 ? name : DirectoryEntry.Join(directory.Path, name), entries[0].Device));
            }
        }
        entries.Sort(static (left, right) => left.Path.AsSpan().SequenceCompareTo(right.Path));
        return entries;
    }

    private static List<byte[]> Names(byte[] root, byte[] directory)
    {
        var path = directory.Length == 0 ? root : DirectoryEntry.Join(root, directory);
        try
        {
            return DirectoryEntry.NamesIn(path);
        }
        catch (IOException exception)
        {
            throw Unreadable(path, exception.Message);
        }
    }

    private static unsafe Entry Look(byte[] root, byte[] path, (uint, uint)? device)
    {
        var full = path.Length == 0 ? root : DirectoryEntry.Join(root, path);
        Posix.StatX status;
        if (Posix.statx(AT_FDCWD, Posix.Terminated(full), path.Length == 0 ? 0 : AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status) != 0)
            throw Unreadable(full, Posix.LastError("stat").Message);
        var found = (status.DeviceMajor, status.DeviceMinor);
        if (device is { } own && own != found)
            throw new IOException($"{Encoding.UTF8.GetString(full)} is another file system mounted in the tree; unmount it");
        return new Entry(
            path,
            (status.Mode & 0xF000) switch
            {
                0x8000 => 'f',
                0x4000 => 'd',
                0xA000 => 'l',
                0x1000 => 'p',
                0xC000 => 's',
                0x2000 => 'c',
                _ => 'b',
            },
            status.Mode,
            status.User,
            status.Group,
            found,
            (status.SpecialMajor, status.SpecialMinor),
            [
                (long)status.Inode,
                (long)status.Size,
                status.ModifiedSeconds,
                status.ModifiedNanoseconds,
                status.ChangedSeconds,
                status.ChangedNanoseconds,
            ]
        );
    }

    private static string Detail(string tree, Entry entry, byte[] buffer, CancellationToken cancellationToken)
    {
        switch (entry.Type)
        {
            case 'f':
                return FileDigest(DirectoryEntry.Join(Encoding.UTF8.GetBytes(tree), entry.Path), buffer, cancellationToken);
            case 'l':
                return Convert.ToHexStringLower(SHA256.HashData(LinkTarget(tree, entry.Path)));
            case 'c' or 'b':
                return string.Create(CultureInfo.InvariantCulture, $"{entry.Special.Major}:{entry.Special.Minor}");
            default:
                return "-";
        }
    }

    private static string FileDigest(byte[] path, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            using var handle = DirectoryEntry.OpenFile(path);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var offset = 0L;
            int count;
            while ((count = RandomAccess.Read(handle, buffer, offset)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
                offset += count;
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, exception.Message);
        }
    }

    private static unsafe byte[] LinkTarget(string tree, byte[] path)
    {
        using var root = DirectoryEntry.OpenDirectory(tree);
        var buffer = new byte[MaxLinkLength];
        fixed (byte* start = buffer)
        {
            var length = Posix.readlinkat(root, Posix.Terminated(path), start, (nuint)buffer.Length);
            if (length < 0)
                throw Unreadable(DirectoryEntry.Join(Encoding.UTF8.GetBytes(tree), path), Posix.LastError("readlink").Message);
            return buffer[..(int)length];
        }
    }

    private static IOException Unreadable(byte[] path, string reason) =>
        new(
            $"cannot read {Encoding.UTF8.GetString(path)} of the tree: {reason}; the worker's user must be able to read all of it "
                + "(chown -R to that user, or run the worker as root)"
        );

    /// <param name="Path">Below the tree; empty for the tree itself.</param>
    private sealed record Entry(
        byte[] Path,
        char Type,
        ushort Mode,
        uint User,
        uint Group,
        (uint Major, uint Minor) Device,
        (uint Major, uint Minor) Special,
        long[] State
    );
}
