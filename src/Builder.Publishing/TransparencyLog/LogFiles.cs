using System.Text;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Proof.Log;

namespace Builder.Publishing.TransparencyLog;

/// <summary>
/// The public files of a log: <c>checkpoint</c> and <c>tile/…</c> (C2SP tlog-tiles). Anybody may read them, so their modes are 0644 and 0755. A file appears
/// whole under its name or not at all.
/// </summary>
public sealed class LogFiles(string directory) : ITileSource
{
    private const string CheckpointName = "checkpoint";

    private const string KeyName = "vkey";

    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode DirectoryMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string Directory { get; } = directory;

    /// <summary>The published checkpoint's bytes; null where nothing was published yet.</summary>
    public byte[]? ReadCheckpoint() => ReadIfThere(CheckpointName, SignedNote.MaxSizeInBytes);

    /// <summary>What checks the log's checkpoints; null where nobody wrote to the log yet.</summary>
    /// <exception cref="InvalidLogDataException">The file is damaged.</exception>
    public NoteKey? ReadKey() =>
        ReadIfThere(KeyName, SignedNote.MaxSizeInBytes) is { } bytes ? NoteKey.Parse(Encoding.UTF8.GetString(bytes).TrimEnd('\n')) : null;

    /// <summary>A partial tile that is gone is cut from the full one: what was published once is there for ever.</summary>
    public ValueTask<byte[]?> ReadAsync(TileAddress address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(ReadTile(address));
    }

    /// <exception cref="InvalidLogDataException">The full tile of entries is broken.</exception>
    public byte[]? ReadTile(TileAddress address)
    {
        var bytes = ReadIfThere(address.Path, EntryBundle.MaxLength);
        if (bytes is not null || address.IsFull)
            return bytes;
        if (ReadIfThere(address.Full.Path, EntryBundle.MaxLength) is not { } full)
            return null;
        var length = LengthOf(full, address);
        return length <= full.Length ? full[..length] : null;
    }

    /// <summary>How many bytes of a tile belong to its partial form.</summary>
    /// <exception cref="InvalidLogDataException">A tile of entries is broken.</exception>
    internal static int LengthOf(ReadOnlyMemory<byte> tile, TileAddress partial) =>
        partial.Level == TileAddress.Entries ? EntryBundle.LengthOf(tile, partial.Width) : partial.Width * Sha256Digest.SizeInBytes;

    /// <summary>The partial forms of a tile that there are.</summary>
    internal IEnumerable<TileAddress> PartialTilesOf(TileAddress tile)
    {
        var partial = new DirectoryInfo(PathOf(tile.Full) + ".p");
        return partial.Exists
            ? partial
                .EnumerateFiles()
                .Select(file => TileAddress.TryParse($"{tile.Full.Path}.p/{file.Name}", out var found) ? found : default)
                .Where(static found => found.Width > 0)
            : [];
    }

    /// <summary>Makes the directory, where it is missing, so that others can read it.</summary>
    internal void Create() => System.IO.Directory.CreateDirectory(Directory, DirectoryMode);

    internal string PathOf(TileAddress tile) => Path.Combine(Directory, tile.Path);

    /// <summary>Not synced: until the journal forgets it, it can be written again.</summary>
    internal void WriteTile(TileAddress tile, ReadOnlySpan<byte> content) => Write(tile.Path, content);

    internal void WriteCheckpoint(ReadOnlySpan<byte> note) => Write(CheckpointName, note);

    internal void WriteKey(NoteKey key) => Write(KeyName, Encoding.UTF8.GetBytes($"{key.Vkey}\n"));

    /// <summary>The partial forms of a tile that is full now.</summary>
    internal void RemovePartial(TileAddress full)
    {
        var partial = PathOf(full) + ".p";
        if (System.IO.Directory.Exists(partial))
            System.IO.Directory.Delete(partial, recursive: true);
    }

    internal static void Sync(IEnumerable<string> paths)
    {
        var directories = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (!File.Exists(path))
                continue;
            using (var file = File.OpenHandle(path, System.IO.FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
                RandomAccess.FlushToDisk(file);
            for (var above = Path.GetDirectoryName(path); above is not null && directories.Add(above); above = Path.GetDirectoryName(above))
            {
                if (Path.GetFileName(above) == "tile")
                {
                    directories.Add(Path.GetDirectoryName(above)!);
                    break;
                }
            }
        }
        foreach (var directory in directories)
            DurableDirectory.Flush(directory);
    }

    private void Write(string name, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(Directory, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!, DirectoryMode);
        var beside = $"{path}.new";
        using (
            var file = new FileStream(
                beside,
                new FileStreamOptions
                {
                    Mode = System.IO.FileMode.Create,
                    Access = FileAccess.Write,
                    BufferSize = 0,
                    UnixCreateMode = FileMode,
                }
            )
        )
        {
            file.Write(content);
        }
        File.Move(beside, path, overwrite: true);
    }

    private byte[]? ReadIfThere(string name, int maxLength)
    {
        try
        {
            using var file = File.OpenHandle(Path.Combine(Directory, name), options: FileOptions.None);
            var length = RandomAccess.GetLength(file);
            if (length > maxLength)
                throw new InvalidLogDataException($"{Path.Combine(Directory, name)} has {length} bytes; at most {maxLength} are read");
            var bytes = new byte[length];
            for (var read = 0; read < bytes.Length; )
            {
                var count = RandomAccess.Read(file, bytes.AsSpan(read), read);
                if (count == 0)
                    return bytes[..read];
                read += count;
            }
            return bytes;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
