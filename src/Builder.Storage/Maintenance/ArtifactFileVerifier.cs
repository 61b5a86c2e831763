using System.Runtime.CompilerServices;
using Builder.Analysis.Values;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;
using Builder.Storage.Packing;
using Builder.Storage.Sweeping;

namespace Builder.Storage.Maintenance;

/// <summary>Reads everything below <c>_artifacts</c>: each file must have its content's name, and a build that needs it.</summary>
internal sealed class ArtifactFileVerifier(Verification verification)
{
    private readonly DataDirectory directory = verification.Directory;
    private readonly HashSet<string> unreadableFolders = [];

    /// <summary>Nothing can be said of what should be in these.</summary>
    public IReadOnlySet<string> UnreadableFolders => unreadableFolders;

    public IAsyncEnumerable<Finding> VerifyAsync(CancellationToken cancellationToken) =>
        FolderAsync(directory.Artifacts, cancellationToken);

    private async IAsyncEnumerable<Finding> FolderAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!TryList(folder, out var entries, out var unreadable))
        {
            yield return unreadable;
            yield break;
        }
        foreach (var entry in entries)
        {
            var kind = DirectoryEntries.KindOf(entry);
            if (kind == EntryKind.Directory)
            {
                await foreach (var inside in FolderAsync(entry.FullName, cancellationToken))
                    yield return inside;
            }
            var finding = kind switch
            {
                EntryKind.File => await FileAsync(entry.FullName, cancellationToken),
                EntryKind.Link => await LinkAsync(entry.FullName, cancellationToken),
                EntryKind.Directory when IsShard(folder, entry.Name) => null,
                _ => await StrayEntryAsync(entry.FullName, cancellationToken),
            };
            if (finding is not null)
                yield return finding;
        }
    }

    private bool TryList(string folder, out IReadOnlyList<FileSystemInfo> entries, out Finding unreadable)
    {
        (entries, unreadable) = ([], new Finding(FindingKind.Unreadable, verification.Relative(folder), ""));
        try
        {
            entries = DirectoryEntries.Of(folder);
            return true;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            unreadableFolders.Add(folder);
            unreadable = unreadable with { Description = exception.Message };
            return false;
        }
    }

    private bool IsShard(string parent, string name) =>
        parent == directory.Artifacts && name.Length == 2 && name.All(char.IsAsciiHexDigitLower);

    /// <summary>Null where this is no place of an artifact.</summary>
    private Sha256Digest? NamedBy(string path) =>
        Sha256Digest.TryParse(Path.GetFileName(path), out var digest) && path == directory.OfArtifact(digest) ? digest : null;

    private async Task<Finding?> FileAsync(string path, CancellationToken cancellationToken)
    {
        var content = await ContentHash.OfAsync(path, verification.CountBytes, cancellationToken);
        verification.CountOne();
        if (content.Unreadable is { } reason)
            return new Finding(FindingKind.Unreadable, verification.Relative(path), reason);
        if (content.Digest is not { } actual)
            return null;
        var named = NamedBy(path);
        if (actual == named)
            return await IsNeededAsync(actual, cancellationToken) ? null : await ConfirmExtraAsync(path, actual, cancellationToken);
        return await verification.UnderLockAsync(
            session => MisnamedAsync(session, path, named, actual, cancellationToken),
            cancellationToken
        );
    }

    private async Task<bool> IsNeededAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var session = await verification.Database.OpenReadAsync(cancellationToken);
        return await PackedRows.IsNeededAsync(session, digest, cancellationToken);
    }

    private Task<Finding?> ConfirmExtraAsync(string path, Sha256Digest digest, CancellationToken cancellationToken) =>
        verification.UnderLockAsync(
            async session =>
            {
                if (
                    !File.Exists(path)
                    || await PackedRows.IsNeededAsync(session, digest, cancellationToken)
                    || await FileSweeper.IsPendingAsync(session, digest, cancellationToken)
                )
                    return null;
                return verification.PutAside(
                    new Finding(FindingKind.Extra, verification.Relative(path), "no build has an artifact of this content"),
                    path
                );
            },
            cancellationToken
        );

    private async Task<Finding?> MisnamedAsync(
        DatabaseSession session,
        string path,
        Sha256Digest? named,
        Sha256Digest actual,
        CancellationToken cancellationToken
    )
    {
        if (!File.Exists(path))
            return null;
        var place = directory.OfArtifact(actual);
        if (await PackedRows.IsNeededAsync(session, actual, cancellationToken) && !await HoldsAsync(place, actual, cancellationToken))
        {
            var misplaced = new Finding(
                FindingKind.Misplaced,
                verification.Relative(path),
                $"this is the content that belongs at {verification.Relative(place)}"
            );
            if (!verification.Repair)
                return misplaced;
            await SettleAsync(session, path, actual, cancellationToken);
            return misplaced with { Repaired = "moved there" };
        }
        if (named is not { } digest)
            return verification.PutAside(new Finding(FindingKind.Extra, verification.Relative(path), "this is no artifact's name"), path);
        var changed = new Finding(FindingKind.Changed, verification.Relative(path), $"its bytes have the SHA-256 {actual}");
        return await PackedRows.IsNeededAsync(session, digest, cancellationToken) ? changed : verification.PutAside(changed, path);
    }

    private static async Task<bool> HoldsAsync(string place, Sha256Digest digest, CancellationToken cancellationToken) =>
        DirectoryEntries.KindOf(place) == EntryKind.File
        && (await ContentHash.OfAsync(place, count: null, cancellationToken)).Digest == digest;

    /// <summary>
    /// Moves a content to its place. What stands there in its stead may belong elsewhere in turn, as where two were exchanged: each step puts one right,
    /// and between the steps each content is still below <c>_artifacts</c>, to be found again.
    /// </summary>
    private async Task SettleAsync(DatabaseSession session, string path, Sha256Digest content, CancellationToken cancellationToken)
    {
        while (true)
        {
            var place = directory.OfArtifact(content);
            var displaced = Path.Combine(directory.Artifacts, $"{Guid.NewGuid():N}");
            if (path.StartsWith(place + "/", StringComparison.Ordinal))
            {
                verification.Files.Move(path, displaced);
                (path, displaced) = (displaced, Path.Combine(directory.Artifacts, $"{Guid.NewGuid():N}"));
            }
            var isTaken = DirectoryEntries.KindOf(place) != EntryKind.Absent;
            if (isTaken)
                verification.Files.Move(place, displaced);
            verification.Files.CreateDirectory(Path.GetDirectoryName(place)!);
            verification.Files.Move(path, place);
            if (!isTaken)
                return;
            var isFile = DirectoryEntries.KindOf(displaced) == EntryKind.File;
            if (
                !isFile
                || (await ContentHash.OfAsync(displaced, count: null, cancellationToken)).Digest is not { } next
                || !await PackedRows.IsNeededAsync(session, next, cancellationToken)
                || await HoldsAsync(directory.OfArtifact(next), next, cancellationToken)
            )
            {
                verification.PutAside(displaced);
                return;
            }
            (path, content) = (displaced, next);
        }
    }

    /// <summary>A link is never followed to anything but its own content: what lies elsewhere is not ours to move.</summary>
    private Task<Finding?> LinkAsync(string path, CancellationToken cancellationToken) =>
        verification.UnderLockAsync(
            async session =>
            {
                if (DirectoryEntries.KindOf(path) != EntryKind.Link)
                    return null;
                var description = DirectoryEntries.Describe(path);
                var isNeeded = NamedBy(path) is { } named && await PackedRows.IsNeededAsync(session, named, cancellationToken);
                if (!isNeeded)
                    return verification.PutAside(
                        new Finding(FindingKind.Extra, verification.Relative(path), $"{description}: nothing needs it"),
                        path
                    );
                var content = Directory.Exists(path)
                    ? default
                    : await ContentHash.OfAsync(path, verification.CountBytes, cancellationToken);
                if (content.Digest != NamedBy(path))
                    return verification.PutAside(
                        new Finding(FindingKind.Changed, verification.Relative(path), $"{description}, where the content is not"),
                        path
                    );
                var elsewhere = new Finding(
                    FindingKind.Misplaced,
                    verification.Relative(path),
                    $"{description}: the content belongs here itself"
                );
                if (!verification.Repair)
                    return elsewhere;
                await CopyHereAsync(path, cancellationToken);
                return elsewhere with { Repaired = "copied" };
            },
            cancellationToken
        );

    private async Task CopyHereAsync(string link, CancellationToken cancellationToken)
    {
        using var staging = Staging.Create(directory, verification.Files);
        try
        {
            await using (var source = File.OpenRead(link))
            await using (var copy = verification.Files.Create(staging["artifact"]))
            {
                await source.CopyToAsync(copy, cancellationToken);
                await verification.Files.FlushAsync(copy, cancellationToken);
            }
            verification.Files.Move(staging["artifact"], link);
        }
        finally
        {
            staging.Delete();
        }
    }

    private Task<Finding?> StrayEntryAsync(string path, CancellationToken cancellationToken) =>
        verification.UnderLockAsync(
            _ =>
            {
                var description = DirectoryEntries.KindOf(path) switch
                {
                    EntryKind.Directory => "a directory that artifacts do not have",
                    EntryKind.Special => $"{DirectoryEntries.Describe(path)}, where only files belong",
                    _ => null,
                };
                return Task.FromResult(
                    description is null
                        ? null
                        : verification.PutAside(new Finding(FindingKind.Extra, verification.Relative(path), description), path)
                );
            },
            cancellationToken
        );
}
