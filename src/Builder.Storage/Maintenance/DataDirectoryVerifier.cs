using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Builder.Protocol;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;

namespace Builder.Storage.Maintenance;

/// <summary>
/// Compares every row with its files and every file with its rows, in constant memory, while others work: what looks wrong is looked
/// at again with the write lock held before it is reported.
/// </summary>
public sealed class DataDirectoryVerifier
{
    /// <summary>Where a repair puts files that nothing needs.</summary>
    public const string LostFolder = "_lost";

    private const int Piece = 256 * 1024;

    private readonly BuilderStorage storage;
    private readonly bool repair;
    private readonly IProgress<VerificationProgress>? progress;
    private readonly DurableFiles files = new();
    private readonly DataDirectory directory;
    private long filesDone;
    private long bytesDone;
    private long filesTotal;

    public DataDirectoryVerifier(BuilderStorage storage, bool repair, IProgress<VerificationProgress>? progress)
    {
        this.storage = storage;
        this.repair = repair;
        this.progress = progress;
        directory = storage.Directory;
    }

    /// <summary>Everything that is wrong, as it is found.</summary>
    public async IAsyncEnumerable<Finding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        filesTotal = await CountAsync(cancellationToken);
        // Misplaced contents first: one may be what a row misses.
        await foreach (var finding in ArtifactFilesAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in ArtifactRowsAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in BuildRowsAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in BuildFoldersAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in TableConsistency.CheckAsync(storage.Database, repair, cancellationToken))
            yield return finding;
    }

    private async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        return await session.IntegerAsync("SELECT COUNT(DISTINCT sha256) FROM build_artifact", cancellationToken);
    }

    private async IAsyncEnumerable<Finding> ArtifactFilesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Directory.Exists(directory.Artifacts))
            yield break;
        foreach (var path in Directory.EnumerateFiles(directory.Artifacts, "*", SearchOption.AllDirectories))
        {
            if (await CheckArtifactFileAsync(path, cancellationToken) is { } finding)
                yield return finding;
        }
    }

    private async Task<Finding?> CheckArtifactFileAsync(string path, CancellationToken cancellationToken)
    {
        var hasName = Sha256Digest.TryParse(Path.GetFileName(path), out var named) && path == directory.OfArtifact(named);
        if (await HashAsync(path, cancellationToken) is not { } actual)
            return null;
        filesDone++;
        progress?.Report(new VerificationProgress(filesDone, bytesDone, Math.Max(filesTotal, filesDone)));
        if (hasName && actual == named)
            return await IsNeededAsync(named, cancellationToken) ? null : await ConfirmExtraAsync(path, named, cancellationToken);
        return await UnderLockAsync(session => MisnamedAsync(session, path, hasName ? named : null, actual, cancellationToken), cancellationToken);
    }

    private Task<Finding?> ConfirmExtraAsync(string path, Sha256Digest digest, CancellationToken cancellationToken) => UnderLockAsync(
        async session =>
        {
            if (!File.Exists(path) || await BuildRows.IsNeededAsync(session, digest, cancellationToken))
                return null;
            return PutAside(new Finding(FindingKind.Extra, Relative(path), "no build has an artifact of this content"), path);
        },
        cancellationToken);

    private async Task<Finding?> MisnamedAsync(
        DatabaseSession session, string path, Sha256Digest? named, Sha256Digest actual, CancellationToken cancellationToken)
    {
        var place = directory.OfArtifact(actual);
        var isWanted = await BuildRows.IsNeededAsync(session, actual, cancellationToken) && !File.Exists(place);
        var wasNeeded = named is { } digest && await BuildRows.IsNeededAsync(session, digest, cancellationToken);
        if (isWanted)
        {
            var misplaced = new Finding(FindingKind.Misplaced, Relative(path), $"this is the content that belongs at {Relative(place)}");
            if (!repair)
                return misplaced;
            files.CreateDirectory(Path.GetDirectoryName(place)!);
            files.Move(path, place);
            return misplaced with { Repaired = "moved there" };
        }
        if (named is not null)
        {
            var changed = new Finding(FindingKind.Changed, Relative(path), $"its bytes have the SHA-256 {actual}");
            return wasNeeded ? changed : PutAside(changed, path);
        }
        return PutAside(new Finding(FindingKind.Extra, Relative(path), "this is no artifact's name"), path);
    }

    private async IAsyncEnumerable<Finding> ArtifactRowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        var rows = session.StreamAsync(
            "SELECT sha256, MIN(size), MAX(size), MIN(build) FROM build_artifact GROUP BY sha256",
            static row => (Digest: row.Digest(0), Smallest: row.Integer(1), Largest: row.Integer(2), Build: row.BuildId(3)),
            cancellationToken);
        await foreach (var (digest, smallest, largest, build) in rows)
        {
            var file = new FileInfo(directory.OfArtifact(digest));
            if (!file.Exists)
            {
                if (await ConfirmMissingAsync(digest, build, cancellationToken) is { } missing)
                    yield return missing;
            }
            else if ((smallest != file.Length || largest != file.Length) && await ConfirmSizeAsync(digest, cancellationToken) is { } wrong)
            {
                yield return wrong;
            }
        }
    }

    private Task<Finding?> ConfirmMissingAsync(Sha256Digest digest, BuildId build, CancellationToken cancellationToken) => UnderLockAsync(
        async session => File.Exists(directory.OfArtifact(digest)) || !await BuildRows.IsNeededAsync(session, digest, cancellationToken)
            ? null
            : new Finding(
                FindingKind.Missing,
                Relative(directory.OfArtifact(digest)),
                $"an artifact of build {await session.QueryFirstAsync("SELECT uuid FROM build WHERE id = @id", static row => row.Text(0), cancellationToken, ("@id", build))} has this content"),
        cancellationToken);

    private async Task<Finding?> ConfirmSizeAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var path = directory.OfArtifact(digest);
        // A file that was cut off or grew is reported with its hash; here the hash is right and the row wrong.
        if (await HashAsync(path, cancellationToken) is not { } actual || actual != digest)
            return null;
        return await UnderLockAsync(
            async session =>
            {
                var length = new FileInfo(path).Length;
                var finding = new Finding(FindingKind.Inconsistent, Relative(path), $"rows of build_artifact say another size than its {length} bytes");
                if (!repair)
                    return finding;
                await session.ExecuteAsync("UPDATE build_artifact SET size = @size WHERE sha256 = @digest", cancellationToken, ("@size", length), ("@digest", digest));
                return finding with { Repaired = "the rows say so now" };
            },
            cancellationToken);
    }

    private async IAsyncEnumerable<Finding> BuildRowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        var rows = session.StreamAsync(
            "SELECT id, uuid, console, script FROM build",
            static row => (Id: row.BuildId(0), Uuid: row.Text(1), Paths: new[] { row.Text(2), row.Text(3) }),
            cancellationToken);
        await foreach (var (id, uuid, paths) in rows)
        {
            foreach (var path in paths)
            {
                if (!File.Exists(directory.Resolve(path)) && await ConfirmMissingTextAsync(id, uuid, path, cancellationToken) is { } missing)
                    yield return missing;
            }
        }
    }

    private Task<Finding?> ConfirmMissingTextAsync(BuildId id, string uuid, string path, CancellationToken cancellationToken) => UnderLockAsync(
        async session =>
        {
            if (File.Exists(directory.Resolve(path)) || !await session.AnyAsync("SELECT 1 FROM build WHERE id = @id", cancellationToken, ("@id", id)))
                return null;
            var missing = new Finding(FindingKind.Missing, path, $"it belongs to build {uuid}");
            return repair && await new LostTexts(directory, files).TryRestoreAsync(path, cancellationToken)
                ? missing with { Repaired = "written anew from the kept exec" }
                : missing;
        },
        cancellationToken);

    private async IAsyncEnumerable<Finding> BuildFoldersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var job in Directory.EnumerateDirectories(directory.Root))
        {
            var name = Path.GetFileName(job);
            // Names with "_" are the data directory's own.
            if (name.StartsWith('_') || name == "lost+found")
                continue;
            var isJob = await IsJobAsync(name, cancellationToken);
            foreach (var entry in Directory.EnumerateFileSystemEntries(job))
            {
                // What the operator keeps here besides is none of ours.
                if (!isJob && !BuildUuid.TryParse(Path.GetFileName(entry), out _))
                    continue;
                if (await ConfirmFolderAsync(name, entry, cancellationToken) is { } finding)
                    yield return finding;
            }
        }
    }

    private async Task<Finding?> ConfirmFolderAsync(string job, string path, CancellationToken cancellationToken)
    {
        await using (var session = await storage.Database.OpenReadAsync(cancellationToken))
        {
            if (await IsBuildAsync(session, job, path, cancellationToken))
                return null;
        }
        return await UnderLockAsync(
            async session =>
            {
                var isThere = Directory.Exists(path) || File.Exists(path);
                if (!isThere || await IsBuildAsync(session, job, path, cancellationToken))
                    return null;
                return PutAside(new Finding(FindingKind.Extra, Relative(path), $"job \"{job}\" has no such build"), path);
            },
            cancellationToken);
    }

    private async Task<bool> IsJobAsync(string name, CancellationToken cancellationToken)
    {
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        return await session.AnyAsync("SELECT 1 FROM job WHERE name = @name", cancellationToken, ("@name", name));
    }

    private static Task<bool> IsBuildAsync(DatabaseSession session, string job, string path, CancellationToken cancellationToken) =>
        session.AnyAsync(
            """
            SELECT 1
            FROM build
            JOIN job ON job.id = build.job
            WHERE build.uuid = @uuid AND job.name = @job
            """,
            cancellationToken,
            ("@uuid", Path.GetFileName(path)),
            ("@job", job));

    private async Task<bool> IsNeededAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        return await BuildRows.IsNeededAsync(session, digest, cancellationToken);
    }

    private Task<Finding?> UnderLockAsync(Func<DatabaseSession, Task<Finding?>> look, CancellationToken cancellationToken) =>
        storage.Database.WriteAsync(look, cancellationToken);

    private Finding PutAside(Finding finding, string path)
    {
        if (!repair)
            return finding;
        var target = Path.Combine(directory.Root, LostFolder, $"{Guid.NewGuid():N}-{Path.GetFileName(path)}");
        files.CreateDirectory(Path.GetDirectoryName(target)!);
        files.Move(path, target);
        return finding with { Repaired = $"moved to {Relative(target)}" };
    }

    /// <summary>Null where the file is gone meanwhile.</summary>
    private async Task<Sha256Digest?> HashAsync(string path, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
            var position = 0L;
            int count;
            while ((count = await RandomAccess.ReadAsync(file, buffer, position, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, count);
                position += count;
                bytesDone += count;
            }
            return Sha256Digest.FromBytes(hash.GetHashAndReset());
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private string Relative(string path) => Path.GetRelativePath(directory.Root, path);
}
