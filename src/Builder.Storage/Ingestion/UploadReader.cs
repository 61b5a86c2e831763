using System.Buffers;
using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Protocol.Der;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Failures;
using Builder.Storage.Files;

namespace Builder.Storage.Ingestion;

/// <summary>Reads an upload as it comes in and writes it to its staging directory, hashing on the way, in constant memory.</summary>
internal sealed class UploadReader(Staging staging, IArtifactStore store, DurableFiles files)
{
    private const int MaxArtifacts = 100_000;
    private const int Piece = 128 * 1024;

    private string ConsoleFile => Path.Combine(staging.Build, "console.txt");

    /// <exception cref="ProtocolException">Not a build, or one that cannot be kept.</exception>
    public async Task<UploadedBuild> ReadAsync(
        ExecReader reader,
        ExecHead head,
        JobName job,
        Platform platform,
        CancellationToken cancellationToken
    )
    {
        await using var console = new ConsoleSpool(staging["console"]);
        await foreach (var line in (await reader.ReadConsoleAsync(cancellationToken)).NewestFirst.WithCancellation(cancellationToken))
            await console.AddAsync(line, cancellationToken);
        var tail = await reader.ReadTailAsync(cancellationToken);
        var artifacts = await ReadArtifactsAsync(reader, cancellationToken);

        await WriteScriptAsync(head.Job.Script, cancellationToken);
        await WriteConsoleAsync(console, cancellationToken);
        await WriteSkeletonAsync(head, console, tail, artifacts, cancellationToken);
        foreach (var folder in Directory.EnumerateDirectories(staging.Build).Append(staging.Build))
            DurableFiles.FlushDirectory(folder);
        var build = new UploadedBuild(job, platform, head.Uuid, tail, artifacts, await JobTags.ReadAsync(artifacts, cancellationToken));
        return build with { Failure = build.MainBinary is null ? await FindErrorAsync(cancellationToken) : null };
    }

    private async Task<List<StagedArtifact>> ReadArtifactsAsync(ExecReader reader, CancellationToken cancellationToken)
    {
        var artifacts = new List<StagedArtifact>();
        var paths = new HashSet<ByteString>();
        await foreach (var artifact in (await reader.ReadArtifactsAsync(cancellationToken)).Items.WithCancellation(cancellationToken))
        {
            if (!paths.Add(artifact.Path.Bytes))
                throw new ProtocolException(ProtocolErrorReason.Malformed, $"two artifacts have the path \"{artifact.Path}\"");
            if (paths.Count > MaxArtifacts)
                throw new ProtocolException(ProtocolErrorReason.TooLong, $"more than {MaxArtifacts} artifacts");
            artifacts.Add(await StageAsync(artifact, artifacts, cancellationToken));
        }
        return artifacts;
    }

    private async Task<StagedArtifact> StageAsync(
        ArtifactContent artifact,
        List<StagedArtifact> before,
        CancellationToken cancellationToken
    )
    {
        var name = artifact.Path.ToString();
        var isWithheld = JobTags.IsReadme(name) || name.EndsWith(".build-hashes", StringComparison.Ordinal);
        var path = isWithheld ? WithheldFile(before.Count(other => other.IsWithheld)) : staging[$"artifact-{before.Count}"];
        await using var file = files.Create(path);
        var digest = await CopyAsync(artifact, file, cancellationToken);
        // What is sent elsewhere counts only when it is there: whether this file survives does not matter.
        var isNeeded = !store.IsRemote && (isWithheld || !await store.ExistsAsync(digest, cancellationToken));
        if (isNeeded)
            await files.FlushAsync(file, cancellationToken);
        return new StagedArtifact(artifact.Path, digest, artifact.Length, path, isWithheld, isNeeded);
    }

    private string WithheldFile(int number)
    {
        var folder = Path.Combine(staging.Build, ExecSkeleton.WithheldFolder);
        files.CreateDirectory(folder);
        return Path.Combine(folder, $"{number}");
    }

    private static async Task<Sha256Digest> CopyAsync(ArtifactContent artifact, FileStream file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            int count;
            while ((count = await artifact.Content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
            return Sha256Digest.FromBytes(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task WriteScriptAsync(ByteString script, CancellationToken cancellationToken)
    {
        await using var file = files.Create(Path.Combine(staging.Build, "script.txt"));
        await file.WriteAsync(script.Memory, cancellationToken);
        await files.FlushAsync(file, cancellationToken);
    }

    private async Task<ReadFailure?> FindErrorAsync(CancellationToken cancellationToken) =>
        new FileInfo(ConsoleFile).Length <= FailedConsole.MaxAtUpload
            ? new ReadFailure(await FailedConsole.ReadAsync(ConsoleFile, cancellationToken))
            : null;

    private async Task WriteConsoleAsync(ConsoleSpool console, CancellationToken cancellationToken)
    {
        await using var file = files.Create(ConsoleFile);
        await ConsoleText.WriteAsync(console.ReversedAsync(cancellationToken), file, cancellationToken);
        await files.FlushAsync(file, cancellationToken);
    }

    private async Task WriteSkeletonAsync(
        ExecHead head,
        ConsoleSpool console,
        ExecTail tail,
        List<StagedArtifact> artifacts,
        CancellationToken cancellationToken
    )
    {
        await using var file = files.Create(Path.Combine(staging.Build, ExecSkeleton.FileName));
        var references = ArtifactSource.From([.. artifacts.Select(ExecSkeleton.Refer)]);
        await ExecWriter.WriteAsync(file, head, await console.AsAddedAsync(cancellationToken), tail, references, cancellationToken);
        await files.FlushAsync(file, cancellationToken);
    }
}
