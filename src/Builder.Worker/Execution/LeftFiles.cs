using System.Text;
using Builder.Protocol;
using Builder.Protocol.Framing;

namespace Builder.Worker.Execution;

/// <summary>A file that a job left, to be sent.</summary>
internal sealed record LeftFile(ArtifactPath Path, byte[] Location, long Size)
{
    public Stream Open() => new FileStream(DirectoryEntry.OpenFile(Location), FileAccess.Read, bufferSize: 0);
}

/// <summary>
/// The regular files that a job left in its directory: a directory's own files first, then those of its directories, each
/// sorted by name. Symbolic links are not followed, pipes, sockets and devices are passed over.
/// </summary>
internal sealed class LeftFiles
{
    private const int MostComplaints = 100;

    /// <summary>A result that is longer than a server takes would be refused as a whole; the rest is for the frame around the files.</summary>
    private static readonly long MostBytes = FrameLimits.Default.LongestResult / 64 * 63;

    private readonly List<LeftFile> files = [];
    private readonly List<string> complaints = [];
    private readonly byte[] root;
    private int unsaidComplaints;
    private long totalBytes;

    private LeftFiles(string directory) => root = Encoding.UTF8.GetBytes(directory);

    public IReadOnlyList<LeftFile> Files => files;

    /// <summary>What could not be taken along and why, for the console.</summary>
    public IReadOnlyList<string> Complaints => complaints;

    /// <param name="script">The name of the script, which is not part of the result.</param>
    public static LeftFiles In(string directory, string script)
    {
        var found = new LeftFiles(directory);
        found.Walk(found.root, Encoding.UTF8.GetBytes(script));
        if (found.unsaidComplaints > 0)
            found.complaints.Add($"builder: not part of the result: {found.unsaidComplaints} more");
        return found;
    }

    private void Walk(byte[] top, byte[] script)
    {
        var open = new Stack<byte[]>([top]);
        while (open.TryPop(out var directory))
        {
            List<DirectoryEntry> entries;
            try
            {
                entries = DirectoryEntry.In(directory);
            }
            catch (IOException error)
            {
                Complain(directory, error.Message);
                continue;
            }

            foreach (var entry in entries)
            {
                if (entry.Kind == EntryKind.RegularFile && !(directory == top && entry.Name.AsSpan().SequenceEqual(script)))
                    Take(DirectoryEntry.Join(directory, entry.Name), entry.Size);
            }
            // The stack turns the order around.
            foreach (var entry in entries.AsEnumerable().Reverse().Where(entry => entry.Kind == EntryKind.Directory))
                open.Push(DirectoryEntry.Join(directory, entry.Name));
        }
    }

    private void Take(byte[] location, long size)
    {
        var relative = new ByteString(location.AsMemory(root.Length + 1));
        if (!relative.TryGetUtf8(out _))
        {
            Complain(location, "its name is not UTF-8");
            return;
        }
        if (!ArtifactPath.TryParse(relative, out var path, out var reason))
        {
            Complain(location, reason);
            return;
        }
        try
        {
            using var handle = DirectoryEntry.OpenFile(location); // to know now, while the console is open, that it can be read
        }
        catch (IOException error)
        {
            Complain(location, error.Message);
            return;
        }
        if (size > MostBytes - totalBytes)
        {
            Complain(location, $"with its {size} bytes the result would be longer than {MostBytes}");
            return;
        }
        totalBytes += size;
        files.Add(new LeftFile(path, location, size));
    }

    private void Complain(byte[] location, string reason)
    {
        if (complaints.Count == MostComplaints)
        {
            unsaidComplaints++;
            return;
        }
        var name = Encoding.UTF8.GetString(location.AsSpan(Math.Min(root.Length + 1, location.Length)));
        complaints.Add($"builder: not part of the result: \"{name}\": {reason}");
    }
}
