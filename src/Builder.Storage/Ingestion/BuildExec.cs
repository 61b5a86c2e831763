using Builder.Protocol;
using Builder.Protocol.Streaming;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;

namespace Builder.Storage.Ingestion;

/// <summary>
/// Writes a stored build as the exec that was uploaded, byte for byte. For builds from before schema 19 what is known is written: console
/// times to the millisecond, and without the artifacts that were filtered out.
/// </summary>
public sealed class BuildExec(BuilderStorage storage)
{
    /// <summary>False, with nothing written, where there is no such build of this job.</summary>
    /// <exception cref="InvalidDataException">A file of the build is gone.</exception>
    public async Task<bool> WriteAsync(JobName job, BuildUuid uuid, Stream destination, CancellationToken cancellationToken)
    {
        if (await FindAsync(job, uuid, cancellationToken) is not { } build)
            return false;
        var skeleton = Path.Combine(storage.Directory.OfBuild(job, uuid), ExecSkeleton.FileName);
        if (File.Exists(skeleton))
            await WriteFromSkeletonAsync(skeleton, destination, cancellationToken);
        else
            await WriteFromRowsAsync(build, job, uuid, destination, cancellationToken);
        return true;
    }

    /// <summary>The job that a build is of; null where there is no such build.</summary>
    public async Task<JobName?> FindJobAsync(BuildUuid uuid, CancellationToken cancellationToken)
    {
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        var name = await session.QueryFirstAsync(
            "SELECT job.name FROM build JOIN job ON job.id = build.job WHERE build.uuid = @uuid", static row => row.Text(0), cancellationToken, ("@uuid", uuid));
        return name is null ? null : JobName.Parse(name);
    }

    private async Task WriteFromSkeletonAsync(string skeleton, Stream destination, CancellationToken cancellationToken)
    {
        var (tail, artifacts) = await ReadEndAsync(skeleton, cancellationToken);
        await using var file = Open(skeleton);
        var reader = new ExecReader(file, ExecLimits.Default);
        var head = await reader.ReadHeadAsync(cancellationToken);
        await ExecWriter.WriteAsync(destination, head, await reader.ReadConsoleAsync(cancellationToken), tail, artifacts, cancellationToken);
    }

    /// <summary>DER has lengths in front: what comes last is needed first.</summary>
    private async Task<(ExecTail Tail, ArtifactSource Artifacts)> ReadEndAsync(string skeleton, CancellationToken cancellationToken)
    {
        await using var file = Open(skeleton);
        var reader = new ExecReader(file, ExecLimits.Default);
        await reader.ReadHeadAsync(cancellationToken);
        await foreach (var _ in (await reader.ReadConsoleAsync(cancellationToken)).NewestFirst.WithCancellation(cancellationToken))
        {
            // Only gone through: the artifacts stand behind it.
        }
        var tail = await reader.ReadTailAsync(cancellationToken);
        var files = new List<ArtifactFile>();
        var withheld = Path.Combine(Path.GetDirectoryName(skeleton)!, ExecSkeleton.WithheldFolder);
        var withheldCount = 0;
        await foreach (var artifact in (await reader.ReadArtifactsAsync(cancellationToken)).Items.WithCancellation(cancellationToken))
        {
            var (isWithheld, length, digest) = await ExecSkeleton.ReadReferenceAsync(artifact, cancellationToken);
            var path = isWithheld ? Path.Combine(withheld, $"{withheldCount++}") : null;
            files.Add(path is null ? Stored(artifact.Path, length, digest) : new ArtifactFile(artifact.Path, length, _ => ValueTask.FromResult<Stream>(Open(path))));
        }
        return (tail, ArtifactSource.From(files));
    }

    private async Task WriteFromRowsAsync(KnownBuild build, JobName job, BuildUuid uuid, Stream destination, CancellationToken cancellationToken)
    {
        var script = await File.ReadAllBytesAsync(storage.Directory.Resolve(build.Script), cancellationToken);
        var console = new List<ConsoleLine>();
        await using (var file = Open(storage.Directory.Resolve(build.Console)))
        {
            await foreach (var line in ConsoleText.ReadAsync(file, cancellationToken))
                console.Add(line);
        }
        console.Reverse();
        var artifacts = await ArtifactsAsync(build.Id, cancellationToken);
        await ExecWriter.WriteAsync(
            destination,
            new ExecHead(new ScriptJob(job.Bytes, build.Platform, new ByteString(script)), uuid),
            ConsoleSource.From(console),
            new ExecTail(build.Started, build.Finished, build.Result),
            ArtifactSource.From(artifacts),
            cancellationToken);
    }

    private async Task<KnownBuild?> FindAsync(JobName job, BuildUuid uuid, CancellationToken cancellationToken)
    {
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        return await session.QueryFirstAsync(
            $"""
            SELECT build.id, build.console, build.script, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps, {StoredResult.Columns}
            FROM build
            JOIN job ON job.id = build.job
            WHERE build.uuid = @uuid AND job.name = @job
            """,
            static row => new KnownBuild(row.BuildId(0), row.Text(1), row.Text(2), row.Bytes(3), row.Timestamp(4), row.Timestamp(6), row.Result(8)),
            cancellationToken,
            ("@uuid", uuid),
            ("@job", job));
    }

    private async Task<List<ArtifactFile>> ArtifactsAsync(BuildId build, CancellationToken cancellationToken)
    {
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        var rows = await session.QueryAsync(
            "SELECT filepath, size, sha256 FROM build_artifact WHERE build = @build ORDER BY id",
            static row => (Path: row.Bytes(0), Size: row.Integer(1), Digest: row.Digest(2)),
            cancellationToken,
            ("@build", build));
        return [.. rows.Select(row => ArtifactPath.TryParse(row.Path, out var path, out var reason)
            ? Stored(path, row.Size, row.Digest)
            : throw new InvalidDataException(reason))];
    }

    private ArtifactFile Stored(ArtifactPath path, long length, Sha256Digest digest) => new(
        path,
        length,
        async cancellationToken => (await storage.Artifacts.OpenAsync(digest, cancellationToken))?.Stream
            ?? throw new InvalidDataException($"the content of \"{path}\", SHA-256 {digest}, is not there: \"builder db verify-data-dir\" tells what else is amiss"));

    private static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Access = FileAccess.Read,
        Share = FileShare.Read | FileShare.Delete,
        Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
    });

    private sealed record KnownBuild(
        BuildId Id, string Console, string Script, ByteString Platform, Timestamp Started, Timestamp Finished, ExecutionResult Result);
}
