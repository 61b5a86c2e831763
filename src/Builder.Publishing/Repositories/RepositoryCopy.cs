using Builder.Publishing.Files;
using Builder.Publishing.Options;
using Builder.Publishing.Snapshots;

namespace Builder.Publishing.Repositories;

/// <summary>
/// Copies a repository to another directory, for another web server or rsync: packages first, then each branch's live state,
/// switched there by a link as here. What clients of the copy are in the middle of stays reachable under its hash.
/// </summary>
public static class RepositoryCopy
{
    /// <returns>How many files were new.</returns>
    public static async Task<int> RunAsync(
        RepositorySettings settings,
        string target,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var source = settings.Directory;
        if (target == source || target.StartsWith($"{source}/", StringComparison.Ordinal))
            throw new RepositoryException($"{target} is in the repository itself");
        using var held = await RepositoryLock.TakeAsync(source, clock, cancellationToken);
        Directory.CreateDirectory(target);
        var count = 0;
        foreach (var pool in (string[])["pool", ".pool"])
            count += await CopyNewAsync(Path.Combine(source, pool), Path.Combine(target, pool), cancellationToken);
        foreach (
            var file in new DirectoryInfo(source).EnumerateFiles().Where(file => file.LinkTarget is null && !file.Name.StartsWith('.'))
        )
            count += await CopyFileAsync(file, Path.Combine(target, file.Name), always: true, cancellationToken);
        var linkFolder = settings.Kind == RepositoryKind.Debian ? "dists" : "";
        var here = new SnapshotTree(source, linkFolder);
        foreach (var branch in here.Branches())
            count += await CopyBranchAsync(here.Current(branch)!, target, linkFolder, branch, cancellationToken);
        return count;
    }

    private static async Task<int> CopyBranchAsync(
        string current,
        string target,
        string linkFolder,
        string branch,
        CancellationToken cancellationToken
    )
    {
        var name = Path.GetFileName(current);
        var copied = Path.Combine(target, ".snapshots", branch, name);
        var count = await CopyNewAsync(current, copied, cancellationToken);
        Durable.SyncDirectories(Path.Combine(target, ".snapshots"));
        var link = Path.Combine(target, linkFolder, branch);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        Durable.ReplaceSymbolicLink(link, $"{(linkFolder.Length == 0 ? "" : "../")}.snapshots/{branch}/{name}");
        foreach (
            var old in Directory.EnumerateDirectories(Path.Combine(target, ".snapshots", branch)).Order(StringComparer.Ordinal).SkipLast(5)
        )
            Directory.Delete(old, recursive: true);
        return count;
    }

    private static async Task<int> CopyNewAsync(string source, string target, CancellationToken cancellationToken)
    {
        var from = new DirectoryInfo(source);
        if (!from.Exists)
            return 0;
        Directory.CreateDirectory(target);
        var count = 0;
        foreach (var entry in from.EnumerateFileSystemInfos())
        {
            var to = Path.Combine(target, entry.Name);
            if (entry.LinkTarget is { } link)
                Durable.ReplaceSymbolicLink(to, link);
            else if (entry is FileInfo file)
                count += await CopyFileAsync(file, to, always: false, cancellationToken);
            else
                count += await CopyNewAsync(entry.FullName, to, cancellationToken);
        }
        return count;
    }

    private static async Task<int> CopyFileAsync(FileInfo file, string target, bool always, CancellationToken cancellationToken)
    {
        var there = new FileInfo(target);
        if (!always && there.Exists && there.Length == file.Length && there.LastWriteTimeUtc == file.LastWriteTimeUtc)
            return 0;
        var beside = $"{target}.new";
        await using (var from = file.OpenRead())
        await using (var to = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            await from.CopyToAsync(to, cancellationToken);
            await to.FlushAsync(cancellationToken);
            to.Flush(flushToDisk: true);
        }
        File.SetLastWriteTimeUtc(beside, file.LastWriteTimeUtc);
        Durable.Rename(beside, target);
        return 1;
    }
}
