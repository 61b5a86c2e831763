using System.Collections.Concurrent;
using Builder.Analysis.Deltas;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Packing;
using Builder.Storage.Rebuilders;
using Builder.Web.Http;

namespace Builder.Web.Deltas;

/// <summary>Patches for clients that have the same file of another build. Where there is none in time the client gets the file itself.</summary>
internal sealed partial class ArtifactDeltas(
    BuilderDatabase database,
    IArtifactStore store,
    StoredDeltas stored,
    DeltaFiles files,
    ExpensiveWork expensive,
    ILogger<ArtifactDeltas> log
)
{
    public const int MinSize = 4096;

    /// <summary>Clients need not take a larger window (RFC 9842 section 5).</summary>
    private const long MaxWindow = 128L << 20;

    private const long SmallWindow = 8L << 20;

    /// <summary>A patch saves less than the time it takes to unpack it where it is larger.</summary>
    private const double MaxShare = 0.6;

    /// <summary>Of builds that have the base; one that the public may have is enough.</summary>
    private const int MaxBuilds = 16;

    /// <summary>Who asks first may wait so long for a patch to be made; it is kept for the others.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(Sha256Digest Base, Sha256Digest Content), Task> making = [];

    /// <summary>The patch; null where the client is to get the file itself.</summary>
    public async Task<StoredContent?> OpenAsync(
        string job,
        PatchableArtifact artifact,
        Sha256Digest baseDigest,
        CancellationToken cancellationToken
    )
    {
        // Also where the base is somebody's that the public may not have: such an answer is like the one for a hash that nobody has.
        if (
            artifact.Size < MinSize
            || baseDigest == artifact.Hash
            || await SizeOfBaseAsync(job, artifact.Path, baseDigest, cancellationToken) is not { } baseSize
            || baseSize > MaxWindow
            || artifact.Size > Math.Min(MaxWindow, Math.Max(SmallWindow, baseSize + (baseSize / 4)))
        )
            return null;
        try
        {
            if (await stored.OpenAsync(artifact.Hash, baseDigest, cancellationToken) is { } kept)
                return kept;
            if (files.Open(baseDigest, artifact.Hash) is { } made)
                return await UsefulAsync(made);
            // Not the request's: the next one has it, however this one ends.
            var making = this.making.GetOrAdd(
                (baseDigest, artifact.Hash),
                pair => Task.Run(() => MakeAsync(pair.Base, baseSize, pair.Content, artifact.Size), CancellationToken.None)
            );
            await Task.WhenAny(making, Task.Delay(MaxWait, TimeProvider.System, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            return making.IsCompleted && files.Open(baseDigest, artifact.Hash) is { } fresh ? await UsefulAsync(fresh) : null;
        }
        catch (IOException exception) when (exception is not FileNotFoundException)
        {
            LogFailed(artifact.Hash, baseDigest, exception.Message);
            return null;
        }
    }

    private static async Task<StoredContent?> UsefulAsync(StoredContent delta)
    {
        if (delta.Length > 0)
            return delta;
        await delta.DisposeAsync();
        return null;
    }

    /// <summary>The base must be what the public may have: the same file of a build of the same job.</summary>
    private async Task<long?> SizeOfBaseAsync(string job, ByteString path, Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var builds = await session.QueryAsync(
            """
            SELECT build.uuid, build_artifact.size
            FROM build_artifact
            JOIN build ON build.id = build_artifact.build
            JOIN job ON job.id = build.job
            WHERE build_artifact.sha256 = @digest AND build_artifact.filepath = @path AND job.name = @job
            ORDER BY build_artifact.id
            LIMIT @count
            """,
            static row => (Uuid: row.Uuid(0), Size: row.Integer(1)),
            cancellationToken,
            ("@digest", digest),
            ("@path", path),
            ("@job", job),
            ("@count", MaxBuilds)
        );
        if (builds.Count == 0)
            return null;
        var withheld = await QuorumRows.WithheldAsync(session, builds.Select(static build => build.Uuid), cancellationToken);
        return builds.Exists(build => !withheld.Contains(build.Uuid)) ? builds[0].Size : null;
    }

    private async Task MakeAsync(Sha256Digest baseDigest, long baseSize, Sha256Digest digest, long size)
    {
        try
        {
            using var turn = await expensive.EnterAsync(CancellationToken.None);
            if (!turn.IsGranted)
                return;
            await expensive.RunAsync(async () =>
            {
                using var before = await ReadAsync(baseDigest, baseSize);
                using var content = await ReadAsync(digest, size);
                if (before is null || content is null)
                    return false;
                using var delta = DeltaCodec.TryMakeDelta(content, before, baseDigest, (int)(size * MaxShare));
                files.Write(baseDigest, digest, delta);
                return true;
            });
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            LogFailed(digest, baseDigest, exception.Message);
        }
        finally
        {
            making.TryRemove((baseDigest, digest), out _);
        }
    }

    private async Task<NativeBytes?> ReadAsync(Sha256Digest digest, long size)
    {
        await using var content = await store.OpenAsync(digest, CancellationToken.None);
        if (content is null || content.Length != size)
            return null;
        var bytes = new NativeBytes(size);
        try
        {
            await bytes.ReadAsync(content.Stream, CancellationToken.None);
            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "cannot make a patch of {Digest} from {Base}: {Problem}; it is sent whole")]
    private partial void LogFailed(Sha256Digest digest, Sha256Digest @base, string problem);
}
