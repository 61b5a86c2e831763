using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Buckets;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;
using Builder.Storage.Packing;
using Builder.Storage.Troubles;
using Builder.Storage.Values;

namespace Builder.Storage.Maintenance;

/// <summary>
/// Copies artifacts and files of builds between data directory and bucket. Every content is compared with its hash on the way. What the target has
/// already stays, so that a copy that was cut off goes on, and one that is made again copies what came since.
/// </summary>
public sealed class FilesCopy
{
    private const int RowsAtOnce = 500;
    private const int CopiesAtOnce = 4;

    private readonly BuilderDatabase database;
    private readonly StoredFiles from;
    private readonly StoredFiles to;
    private readonly IProgress<string> progress;
    private readonly DurableFiles files = new();
    private readonly ConcurrentQueue<string> problems = [];
    private long copiedCount;
    private long copiedBytes;

    /// <param name="database">Says what there is to copy.</param>
    public FilesCopy(BuilderDatabase database, StoredFiles from, StoredFiles to, IProgress<string> progress)
    {
        (this.database, this.from, this.to, this.progress) = (database, from, to, progress);
    }

    /// <exception cref="SchemaException">Artifacts are packed.</exception>
    /// <returns>How much was copied, and what could not be: it is missing or damaged in the source.</returns>
    public async Task<BackupReport> RunAsync(CancellationToken cancellationToken)
    {
        await RequireUnpackedAsync(cancellationToken);
        using var staging = Staging.Create(to.Directory, files);
        try
        {
            progress.Report("artifacts");
            await Parallel.ForEachAsync(
                ContentsAsync(cancellationToken),
                Several(cancellationToken),
                (content, cancellation) => CopyContentAsync(content.Digest, content.Size, staging, cancellation)
            );
            progress.Report("scripts, consoles and execs");
            await Parallel.ForEachAsync(
                BuildsAsync(cancellationToken),
                Several(cancellationToken),
                (build, cancellation) => CopyBuildAsync(build.Job, build.Uuid, staging, cancellation)
            );
        }
        finally
        {
            staging.Delete();
        }
        return new BackupReport(copiedCount, copiedBytes, 0, [.. problems]);
    }

    private async Task RequireUnpackedAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        if (
            await PackingTable.ExistsAsync(session, cancellationToken)
            && await session.AnyAsync("SELECT 1 FROM packed_content WHERE object IS NOT NULL LIMIT 1", cancellationToken)
        )
            throw new SchemaException("Artifacts are packed: run \"builder db unpack\" first.");
    }

    private static ParallelOptions Several(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = CopiesAtOnce, CancellationToken = cancellationToken };

    private async IAsyncEnumerable<(Sha256Digest Digest, long Size)> ContentsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        byte[] last = [];
        List<(Sha256Digest Digest, long Size)> contents;
        do
        {
            await using (var session = await database.OpenReadAsync(cancellationToken))
                contents = await session.QueryAsync(
                    "SELECT sha256, MAX(size) FROM build_artifact WHERE sha256 > @last GROUP BY sha256 ORDER BY sha256 LIMIT @count",
                    static row => (row.Digest(0), row.Integer(1)),
                    cancellationToken,
                    ("@last", last),
                    ("@count", RowsAtOnce)
                );
            foreach (var content in contents)
            {
                last = content.Digest.ToByteArray();
                yield return content;
            }
        } while (contents.Count == RowsAtOnce);
    }

    private async IAsyncEnumerable<(JobName Job, BuildUuid Uuid)> BuildsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = new BuildId(0);
        List<(BuildId Id, JobName Job, BuildUuid Uuid)> builds;
        do
        {
            await using (var session = await database.OpenReadAsync(cancellationToken))
                builds = await session.QueryAsync(
                    "SELECT build.id, job.name, build.uuid FROM build JOIN job ON job.id = build.job WHERE build.id > @last ORDER BY build.id LIMIT @count",
                    static row => (row.BuildId(0), JobName.Parse(row.Text(1)), row.Uuid(2)),
                    cancellationToken,
                    ("@last", last),
                    ("@count", RowsAtOnce)
                );
            foreach (var (id, job, uuid) in builds)
            {
                last = id;
                yield return (job, uuid);
            }
        } while (builds.Count == RowsAtOnce);
    }

    private async ValueTask CopyContentAsync(Sha256Digest digest, long size, Staging staging, CancellationToken cancellationToken)
    {
        if (await HasAsync(digest, size, cancellationToken))
            return;
        var staged = staging[$"content-{digest}"];
        try
        {
            await using (var content = await from.Artifacts.OpenAsync(digest, cancellationToken))
            {
                if (content is null)
                {
                    await NoteMissingAsync(digest, cancellationToken);
                    return;
                }
                await using var file = files.Create(staged);
                using var hash = SHA256.Create();
                await using (var hashing = new CryptoStream(file, hash, CryptoStreamMode.Write, leaveOpen: true))
                    await content.Stream.CopyToAsync(hashing, ChunkHashes.ChunkInBytes, cancellationToken);
                if (Sha256Digest.FromBytes(hash.Hash) is var found && found != digest)
                {
                    problems.Enqueue($"{digest}: the stored content has SHA-256 {found}");
                    return;
                }
                await files.FlushAsync(file, cancellationToken);
            }
            await to.Artifacts.PublishAsync(staged, digest, cancellationToken);
            Count(size);
        }
        catch (DamagedContentException exception)
        {
            problems.Enqueue($"{digest}: {exception.Reason}");
        }
        finally
        {
            if (File.Exists(staged))
                File.Delete(staged);
        }
    }

    /// <summary>Of an earlier, cut off copy: what is there is complete, as it came there in one step.</summary>
    private async Task<bool> HasAsync(Sha256Digest digest, long size, CancellationToken cancellationToken) =>
        to.Bucket is { } bucket
            ? (await bucket.HeadAsync(BucketKeys.OfArtifact(digest), cancellationToken))?.Length == size
            : new FileInfo(to.Directory.OfArtifact(digest)) is { Exists: true } file && file.Length == size;

    private async Task NoteMissingAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        if (await PackedRows.IsNeededAsync(session, digest, cancellationToken))
            problems.Enqueue($"{digest}: the content is missing");
    }

    private async ValueTask CopyBuildAsync(JobName job, BuildUuid uuid, Staging staging, CancellationToken cancellationToken)
    {
        var folder = $"{job}/{uuid}";
        var wanted = await ListAsync(from.Builds, folder, cancellationToken);
        if (wanted.Count > 0 && wanted.IsSubsetOf(await ListAsync(to.Builds, folder, cancellationToken)))
            return;
        var staged = staging[$"build-{uuid}"];
        try
        {
            files.CreateDirectory(staged);
            foreach (var (name, length) in wanted)
            {
                await using var source = await from.Builds.OpenAsync($"{folder}/{name}", cancellationToken);
                if (source is null)
                    continue;
                var path = Path.Combine(staged, name);
                files.CreateDirectory(Path.GetDirectoryName(path)!);
                await using var file = files.Create(path);
                await source.CopyToAsync(file, cancellationToken);
                await files.FlushAsync(file, cancellationToken);
                Count(length);
            }
            if (wanted.Count == 0)
                await NoteMissingAsync(uuid, folder, cancellationToken);
            else
                await to.Builds.PublishAsync(staged, $"{staging.Name}-{uuid}", job, uuid, cancellationToken);
        }
        catch (DamagedObjectException exception)
        {
            problems.Enqueue(exception.Message);
        }
        finally
        {
            files.DeleteDirectory(staged, isDurable: false);
        }
    }

    private async Task NoteMissingAsync(BuildUuid uuid, string folder, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        if (await BuildRows.ExistsAsync(session, uuid, cancellationToken))
            problems.Enqueue($"{folder}: the build has no files");
    }

    private static async Task<HashSet<(string Name, long Length)>> ListAsync(
        IBuildFiles builds,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var found = new HashSet<(string, long)>();
        await foreach (var file in builds.ListAsync(folder, cancellationToken))
            found.Add(file);
        return found;
    }

    private void Count(long bytes)
    {
        Interlocked.Add(ref copiedBytes, bytes);
        if (Interlocked.Increment(ref copiedCount) % 1000 == 0)
            progress.Report($"{Volatile.Read(ref copiedCount)} files, {Volatile.Read(ref copiedBytes)} bytes copied");
    }
}
