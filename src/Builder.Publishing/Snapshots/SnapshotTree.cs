using System.Globalization;
using System.Text;
using Builder.Publishing.Files;
using Builder.Publishing.Options;

namespace Builder.Publishing.Snapshots;

/// <summary>
/// The branches of a repository (distributions, ABIs), each a symbolic link to the snapshot that is live. A snapshot is built
/// aside, synced, moved to its number, and goes live by one rename of the link. Whatever is newer than the live one, or still
/// aside, was left by a crash and is swept away. Every change is made under the repository's lock.
/// </summary>
internal sealed class SnapshotTree(string root, string linkFolder)
{
    private const string NoteFile = ".snapshot";

    private string Incoming => Path.Combine(root, ".incoming");

    private string SnapshotsOf(string branch) => Path.Combine(root, ".snapshots", branch);

    private string LinkOf(string branch) => Path.Combine(root, linkFolder, branch);

    public IReadOnlyList<string> Branches()
    {
        var links = new DirectoryInfo(Path.Combine(root, linkFolder));
        return links.Exists
            ?
            [
                .. links
                    .EnumerateFileSystemInfos()
                    .Where(link => link.LinkTarget is not null)
                    .Select(link => link.Name)
                    .Where(name => !name.StartsWith('.') && !name.EndsWith(".new", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal),
            ]
            : [];
    }

    /// <summary>The directory that is live, or null before the first publication.</summary>
    public string? Current(string branch)
    {
        var target = new FileInfo(LinkOf(branch)).LinkTarget;
        return target is null ? null : Path.Combine(SnapshotsOf(branch), Path.GetFileName(target));
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Snapshot> List(string branch)
    {
        var directory = new DirectoryInfo(SnapshotsOf(branch));
        if (!directory.Exists)
            return [];
        var current = Current(branch);
        return
        [
            .. directory
                .EnumerateDirectories()
                .Where(snapshot => int.TryParse(snapshot.Name, CultureInfo.InvariantCulture, out _))
                .Select(snapshot => Read(snapshot.FullName, current))
                .OrderBy(snapshot => snapshot.Number),
        ];
    }

    /// <summary>Removes what a crash left.</summary>
    public void Sweep(string branch)
    {
        if (Directory.Exists(Incoming))
            Directory.Delete(Incoming, recursive: true);
        var current = NumberOf(Current(branch));
        foreach (var snapshot in List(branch).Where(snapshot => snapshot.Number > current))
            Directory.Delete(snapshot.Directory, recursive: true);
    }

    /// <summary>A file or directory aside, on the same file system.</summary>
    public string NewIncoming(string name)
    {
        Directory.CreateDirectory(Incoming);
        return Path.Combine(Incoming, name);
    }

    /// <summary>Makes the finished directory the live one.</summary>
    public async Task<Snapshot> GoLiveAsync(
        string branch,
        string built,
        DateTimeOffset now,
        string note,
        int? contentOf,
        Action<string> checkpoint,
        CancellationToken cancellationToken
    )
    {
        var number = NumberOf(Current(branch)) + 1;
        await Durable.WriteNewAsync(
            Path.Combine(built, NoteFile),
            Encoding.UTF8.GetBytes($"{now.UtcDateTime:O}\n{note}\n{contentOf ?? number}\n"),
            cancellationToken
        );
        Durable.SyncDirectories(built);
        checkpoint("built");
        var snapshots = SnapshotsOf(branch);
        Directory.CreateDirectory(snapshots);
        Directory.CreateDirectory(Path.GetDirectoryName(LinkOf(branch))!);
        var name = number.ToString("D6", CultureInfo.InvariantCulture);
        Durable.Rename(built, Path.Combine(snapshots, name));
        Durable.SyncDirectory(snapshots);
        Durable.SyncDirectory(Path.GetDirectoryName(snapshots)!);
        Durable.SyncDirectory(root);
        checkpoint("moved");
        var up = linkFolder.Length == 0 ? "" : "../";
        Durable.ReplaceSymbolicLink(LinkOf(branch), $"{up}.snapshots/{branch}/{name}");
        checkpoint("live");
        return Read(Path.Combine(snapshots, name), Path.Combine(snapshots, name));
    }

    /// <summary>
    /// Removes old snapshots when there are enough of them to be worth it; those that a client may be reading stay.
    /// </summary>
    /// <returns>Whether any went: files that only they named may go too.</returns>
    public bool Prune(string branch, Retention retention, DateTimeOffset now)
    {
        var superseded = List(branch).Where(snapshot => !snapshot.IsCurrent).ToList();
        var removable = superseded
            .Take(Math.Max(0, superseded.Count - retention.Snapshots))
            .Where((snapshot, i) => now - snapshot.Made > retention.Time || superseded.Count - i > retention.MaxSnapshots)
            .ToList();
        if (removable.Count < retention.Snapshots && superseded.Count <= retention.MaxSnapshots)
            return false;
        foreach (var snapshot in removable)
            Directory.Delete(snapshot.Directory, recursive: true);
        return removable.Count > 0;
    }

    private static Snapshot Read(string directory, string? current)
    {
        var noteFile = Path.Combine(directory, NoteFile);
        var lines = File.Exists(noteFile) ? File.ReadAllLines(noteFile) : [];
        var made =
            lines.Length > 0
            && DateTimeOffset.TryParse(lines[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time
                : new DateTimeOffset(Directory.GetLastWriteTimeUtc(directory), TimeSpan.Zero);
        var number = NumberOf(directory);
        var contentOf = lines.Length > 2 && int.TryParse(lines[2], CultureInfo.InvariantCulture, out var other) ? other : number;
        return new Snapshot(number, directory, made, lines.Length > 1 ? lines[1] : "", contentOf, directory == current);
    }

    private static int NumberOf(string? directory) =>
        directory is null ? 0 : int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture);
}
