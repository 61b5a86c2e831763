using System.Text;
using Builder.Protocol.Framing;
using Builder.Protocol.Values;
using Builder.Worker.Native;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Files;

/// <summary>
/// The files that a job left in its directory: a directory's own files first, then those of its directories, each sorted by
/// name. Links are followed as long as they stay inside; everything that is passed over is named with the reason.
/// </summary>
internal sealed class LeftFiles
{
    private const int MaxComplaints = 100;

    /// <summary>A few links to each other can stand for any number of directories.</summary>
    private const int MaxFollowedDirectories = 10_000;

    /// <summary>A result that is longer than a server takes would be refused as a whole; the rest is for the frame around the files.</summary>
    private static readonly long MaxBytesInFrame = FrameLimits.Default.MaxResultSize / 64 * 63;

    private readonly List<LeftFile> files = [];
    private readonly List<string> complaints = [];
    private readonly SafeFileHandle rootHandle;
    private readonly byte[] root;
    private readonly IReadOnlyList<string> inside;
    private readonly byte[] script;
    private readonly long maxFiles;
    private readonly long maxBytes;
    private int unsaidComplaints;
    private int followedDirectories;
    private long totalBytes;

    private LeftFiles(string directory, IReadOnlyList<string> inside, string script, JobLimits limits)
    {
        rootHandle = OpenRoot(directory);
        root = Encoding.UTF8.GetBytes($"{directory}/."); // a name in /proc is itself a link
        this.inside = inside;
        this.script = Encoding.UTF8.GetBytes(script);
        maxFiles = limits.MaxArtifacts ?? long.MaxValue;
        maxBytes = Math.Min(limits.MaxArtifactBytes ?? long.MaxValue, MaxBytesInFrame);
    }

    public IReadOnlyList<LeftFile> Files => files;

    /// <summary>What could not be taken along and why, for the console.</summary>
    public IReadOnlyList<string> Complaints => complaints;

    /// <summary>The limit that the files pass, for people; null where they are within all. There are no files then.</summary>
    public string? Exceeded { get; private set; }

    /// <param name="directory">May be named by a descriptor, see <see cref="DirectoryEntry.PathOf"/>.</param>
    /// <param name="inside">Absolute paths under which the job knew its directory.</param>
    /// <param name="script">The name of the script, which is not part of the result.</param>
    public static LeftFiles In(string directory, IReadOnlyList<string> inside, string script, JobLimits limits)
    {
        var found = new LeftFiles(directory, inside, script, limits);
        using (found.rootHandle)
            found.Walk();
        if (found.unsaidComplaints > 0)
            found.complaints.Add($"builder: not part of the result: {found.unsaidComplaints} more");
        if (found.Exceeded is not null)
            found.files.Clear();
        return found;
    }

    private static SafeFileHandle OpenRoot(string directory)
    {
        var descriptor = Posix.open(Posix.Terminated(directory), Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_CLOEXEC);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw Posix.LastError("cannot read the job's directory");
    }

    private void Walk()
    {
        var open = new Stack<OpenDirectory>([new OpenDirectory([], [], null)]);
        while (Exceeded is null && open.TryPop(out var directory))
        {
            List<DirectoryEntry> entries;
            try
            {
                entries = DirectoryEntry.In(Location(directory.Place));
            }
            catch (IOException exception)
            {
                Complain(directory.Name, exception.Message);
                continue;
            }

            var directories = new List<OpenDirectory>();
            foreach (var entry in entries)
            {
                var name = Join(directory.Name, entry.Name);
                var place = Join(directory.Place, entry.Name);
                var (kind, size) = (entry.Kind, entry.Size);
                if (kind == EntryKind.SymbolicLink && !TryFollow(directory, name, ref place, out kind, out size))
                    continue;
                if (kind == EntryKind.Directory)
                    directories.Add(new OpenDirectory(name, place, directory));
                else if (kind == EntryKind.RegularFile && !name.AsSpan().SequenceEqual(script))
                    Take(name, Location(place), size);
                else if (kind != EntryKind.RegularFile)
                    Complain(
                        name,
                        kind switch
                        {
                            EntryKind.Pipe => "it is a pipe",
                            EntryKind.Socket => "it is a socket",
                            _ => "it is a device",
                        }
                    );
                if (Exceeded is not null)
                    break;
            }
            // The stack turns the order around.
            directories.Reverse();
            directories.ForEach(open.Push);
        }
    }

    private bool TryFollow(OpenDirectory directory, byte[] name, ref byte[] place, out EntryKind kind, out long size)
    {
        (kind, size) = (EntryKind.SymbolicLink, 0);
        if (JobLink.Follow(rootHandle, place, inside, out var reason) is not { } target)
        {
            Complain(name, reason);
            return false;
        }
        DirectoryEntry? found;
        try
        {
            found = DirectoryEntry.Look(Location(target), target);
        }
        catch (IOException exception)
        {
            Complain(name, exception.Message);
            return false;
        }
        if (found is not { } entry)
        {
            Complain(name, "the link leads to nothing");
            return false;
        }
        if (entry.Kind == EntryKind.Directory && (directory.IsWithin(target) || ++followedDirectories > MaxFollowedDirectories))
        {
            Complain(
                name,
                directory.IsWithin(target) ? "the link leads to a directory that it is in itself" : "too many links lead to directories"
            );
            return false;
        }
        (place, kind, size) = (target, entry.Kind, entry.Size);
        return true;
    }

    private void Take(byte[] name, byte[] location, long size)
    {
        if (!ArtifactPath.TryParse(new ByteString(name), out var path, out var reason))
        {
            Complain(name, reason);
            return;
        }
        try
        {
            using var handle = DirectoryEntry.OpenFile(location); // to know now, while the console is open, that it can be read
        }
        catch (IOException exception)
        {
            Complain(name, exception.Message);
            return;
        }
        if (files.Count >= maxFiles)
        {
            Exceeded = $"the job left more than {maxFiles} artifacts (limit: max-artifacts)";
            return;
        }
        if (size > maxBytes - totalBytes)
        {
            Exceeded =
                $"the artifacts of the job are larger than {maxBytes} bytes together (limit: max-artifact-bytes); \"{path}\" has {size} bytes";
            return;
        }
        totalBytes += size;
        files.Add(new LeftFile(path, location, size));
    }

    private byte[] Location(byte[] place) => place.Length == 0 ? root : DirectoryEntry.Join(root, place);

    private static byte[] Join(byte[] directory, byte[] name) => directory.Length == 0 ? name : DirectoryEntry.Join(directory, name);

    private void Complain(byte[] name, string reason)
    {
        if (complaints.Count == MaxComplaints)
        {
            unsaidComplaints++;
            return;
        }
        complaints.Add($"builder: not part of the result: \"{Printable(name)}\": {reason}");
    }

    /// <summary>On one line, without what steers terminals.</summary>
    private static string Printable(byte[] name) =>
        string.Concat(Encoding.UTF8.GetString(name).Select(character => char.IsControl(character) ? '\uFFFD' : character));

    /// <summary>A directory on the way: its name for the result and where it really is, both within the job's directory.</summary>
    private sealed record OpenDirectory(byte[] Name, byte[] Place, OpenDirectory? Above)
    {
        public bool IsWithin(byte[] place)
        {
            for (var directory = this; directory is not null; directory = directory.Above)
            {
                if (directory.Place.AsSpan().SequenceEqual(place))
                    return true;
            }
            return false;
        }
    }
}
