using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Values;

namespace Builder.Storage.Ingestion;

/// <summary>
/// Writes a stored build as the exec that was uploaded, byte for byte. For builds from before schema 19 what is known is written: console
/// times to the millisecond, and without the artifacts that were filtered out.
/// </summary>
public sealed class BuildExec(BuilderDatabase database, IBuildFiles buildFiles, IArtifactStore artifacts)
{
    /// <summary>Null where there is no such build.</summary>
    public async Task<StoredBuild?> FindAsync(BuildUuid uuid, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.QueryFirstAsync(
            $"""
            SELECT build.id, job.name, build.console, build.script, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps,
              {StoredResult.Columns}
            FROM build
            JOIN job ON job.id = build.job
            WHERE build.uuid = @uuid
            """,
            row =>
                JobName.TryParse(row.Text(1), out var job, out _)
                    ? new StoredBuild(
                        row.BuildId(0),
                        job,
                        uuid,
                        row.Text(2),
                        row.Text(3),
                        row.Bytes(4),
                        row.Timestamp(5),
                        row.Timestamp(7),
                        row.Result(9)
                    )
                    : null,
            cancellationToken,
            ("@uuid", uuid)
        );
    }

    /// <exception cref="InvalidDataException">A file of the build is gone.</exception>
    public async Task WriteAsync(StoredBuild build, Stream destination, CancellationToken cancellationToken)
    {
        var folder = $"{build.Job}/{build.Uuid}";
        if (await buildFiles.OpenAsync($"{folder}/{ExecSkeleton.FileName}", cancellationToken) is not { } skeleton)
        {
            await WriteFromRowsAsync(build, destination, cancellationToken);
            return;
        }
        await using (skeleton)
            await WriteFromSkeletonAsync(folder, skeleton, destination, cancellationToken);
    }

    private async Task WriteFromSkeletonAsync(string folder, FileStream file, Stream destination, CancellationToken cancellationToken)
    {
        var reader = new ExecReader(file, ExecLimits.Default);
        // DER has lengths in front: the artifacts, which come last, are needed first.
        var front = await reader.SkipToArtifactsAsync(cancellationToken);
        var artifacts = await ReferredAsync(reader, folder, cancellationToken);
        await ExecWriter.WriteAsync(destination, file, front, ArtifactSource.From(artifacts), cancellationToken);
    }

    private async Task<List<ArtifactFile>> ReferredAsync(ExecReader reader, string folder, CancellationToken cancellationToken)
    {
        var files = new List<ArtifactFile>();
        var withheldCount = 0;
        await foreach (var artifact in (await reader.ReadArtifactsAsync(cancellationToken)).Items.WithCancellation(cancellationToken))
        {
            var (isWithheld, length, digest) = await ExecSkeleton.ReadReferenceAsync(artifact, cancellationToken);
            var path = isWithheld ? $"{folder}/{ExecSkeleton.WithheldFolder}/{withheldCount++}" : null;
            files.Add(
                path is null
                    ? Stored(artifact.Path, length, digest)
                    : new ArtifactFile(artifact.Path, length, async cancellation => await OpenAsync(path, cancellation))
            );
        }
        return files;
    }

    private async Task WriteFromRowsAsync(StoredBuild build, Stream destination, CancellationToken cancellationToken)
    {
        var script = new MemoryStream();
        await using (var file = await OpenAsync(build.Script, cancellationToken))
            await file.CopyToAsync(script, cancellationToken);
        var console = new List<ConsoleLine>();
        await using (var file = await OpenAsync(build.Console, cancellationToken))
        {
            await foreach (var line in ConsoleText.ReadAsync(file, cancellationToken))
                console.Add(line);
        }
        console.Reverse();
        var artifacts = await ArtifactsAsync(build.Id, cancellationToken);
        await ExecWriter.WriteAsync(
            destination,
            new ExecHead(new ScriptJob(build.Job.Bytes, build.Platform, new ByteString(script.ToArray())), build.Uuid),
            ConsoleSource.From(console),
            new ExecTail(build.Started, build.Finished, build.Result),
            ArtifactSource.From(artifacts),
            cancellationToken
        );
    }

    private async Task<List<ArtifactFile>> ArtifactsAsync(BuildId build, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var rows = await session.QueryAsync(
            "SELECT filepath, size, sha256 FROM build_artifact WHERE build = @build ORDER BY id",
            static row => (Path: row.Bytes(0), Size: row.Integer(1), Digest: row.Digest(2)),
            cancellationToken,
            ("@build", build)
        );
        return
        [
            .. rows.Select(row =>
                ArtifactPath.TryParse(row.Path, out var path, out var reason)
                    ? Stored(path, row.Size, row.Digest)
                    : throw new InvalidDataException(reason)
            ),
        ];
    }

    private ArtifactFile Stored(ArtifactPath path, long length, Sha256Digest digest) =>
        new(
            path,
            length,
            async cancellationToken =>
                (await artifacts.OpenAsync(digest, cancellationToken))?.Stream
                ?? throw new InvalidDataException(
                    $"the content of \"{path}\", SHA-256 {digest}, is missing; \"builder db verify-data-dir\" lists all problems"
                )
        );

    /// <exception cref="FileNotFoundException">It is gone.</exception>
    private async Task<FileStream> OpenAsync(string path, CancellationToken cancellationToken) =>
        await buildFiles.OpenAsync(path, cancellationToken) ?? throw new FileNotFoundException($"\"{path}\" of a build is missing", path);
}
