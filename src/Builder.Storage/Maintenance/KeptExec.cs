using Builder.Analysis.Values;
using Builder.Protocol.Der;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Storage.Ingestion;

namespace Builder.Storage.Maintenance;

/// <summary>Reads a build's kept exec and compares it with the tables and with the text files that were made of it.</summary>
internal sealed class KeptExec(string folder, Staging staging)
{
    private readonly string path = Path.Combine(folder, ExecSkeleton.FileName);
    private readonly string withheld = Path.Combine(folder, ExecSkeleton.WithheldFolder);

    /// <summary>How many files are withheld.</summary>
    public int WithheldCount { get; private set; }

    public TextComparison? Script { get; private set; }

    public TextComparison? Console { get; private set; }

    /// <summary>Files of the withheld that are not what the exec says, with what is wrong.</summary>
    public List<(string File, string Complaint)> DamagedWithheld { get; } = [];

    /// <returns>What it contradicts the tables in; null where it does not.</returns>
    /// <exception cref="ProtocolException">It is no exec, or a damaged one.</exception>
    /// <exception cref="InvalidDataException">It is an exec, but not one that was kept here.</exception>
    public async Task<string?> ReadAsync(
        VerifiedBuild build,
        Dictionary<ByteString, (Sha256Digest Digest, long Size)> rows,
        CancellationToken cancellationToken
    )
    {
        await using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read | FileShare.Delete,
            128 * 1024,
            FileOptions.Asynchronous
        );
        var reader = new ExecReader(file, ExecLimits.Default);
        var head = await reader.ReadHeadAsync(cancellationToken);
        if (head.Uuid != build.Uuid || head.Job.Name != build.Job.Bytes)
            return $"it is the exec of build {head.Uuid} of job \"{head.Job.Name}\"";
        if (!Platform.TryParse(head.Job.Platform, out var platform, out _) || platform.Value != build.Platform)
            return $"it is of platform \"{head.Job.Platform}\", the table build says \"{build.Platform}\"";
        Script = await CompareAsync(
            "script.txt",
            async text => await text.WriteAsync(head.Job.Script.Memory, cancellationToken),
            cancellationToken
        );
        await using (var console = new ConsoleSpool(staging["console"]))
        {
            await foreach (var line in (await reader.ReadConsoleAsync(cancellationToken)).NewestFirst.WithCancellation(cancellationToken))
                await console.AddAsync(line, cancellationToken);
            Console = await CompareAsync(
                "console.txt",
                text => ConsoleText.WriteAsync(console.ReversedAsync(cancellationToken), text, cancellationToken),
                cancellationToken
            );
        }
        var tail = await reader.ReadTailAsync(cancellationToken);
        var contradiction = Contradiction(build, tail);
        return await ReadArtifactsAsync(reader, rows, cancellationToken) ?? contradiction;
    }

    private static string? Contradiction(VerifiedBuild build, ExecTail tail)
    {
        if ((tail.Started, tail.Finished) != (build.Tail.Started, build.Tail.Finished))
            return "its times are not those of the table build";
        return tail.Result == build.Tail.Result ? null : "its result is not that of the table build";
    }

    private async Task<string?> ReadArtifactsAsync(
        ExecReader reader,
        Dictionary<ByteString, (Sha256Digest Digest, long Size)> rows,
        CancellationToken cancellationToken
    )
    {
        var stored = 0;
        string? contradiction = null;
        await foreach (var artifact in (await reader.ReadArtifactsAsync(cancellationToken)).Items.WithCancellation(cancellationToken))
        {
            var (isWithheld, length, digest) = await ExecSkeleton.ReadReferenceAsync(artifact, cancellationToken);
            if (isWithheld)
            {
                await CheckWithheldAsync($"{WithheldCount++}", length, digest, cancellationToken);
                continue;
            }
            stored++;
            if (!rows.TryGetValue(artifact.Path.Bytes, out var row) || row != (digest, length))
                contradiction ??= $"its artifact \"{artifact.Path}\" is not that of the table build_artifact";
        }
        return contradiction ?? (stored == rows.Count ? null : $"it has {stored} artifacts, the table build_artifact has {rows.Count}");
    }

    private async Task CheckWithheldAsync(string name, long length, Sha256Digest digest, CancellationToken cancellationToken)
    {
        var file = Path.Combine(withheld, name);
        var kind = DirectoryEntries.KindOf(file);
        if (kind == EntryKind.Absent)
        {
            DamagedWithheld.Add((file, ""));
            return;
        }
        var content = kind == EntryKind.File ? await ContentHash.OfAsync(file, count: null, cancellationToken) : default;
        if (content.Digest != digest)
            DamagedWithheld.Add(
                (file, content.Unreadable ?? $"it is not the file of {length} bytes with SHA-256 {digest} that the exec names")
            );
    }

    /// <summary>Null where there is no such file to compare.</summary>
    private async Task<TextComparison?> CompareAsync(string name, Func<ComparingStream, Task> write, CancellationToken cancellationToken)
    {
        var text = Path.Combine(folder, name);
        if (DirectoryEntries.KindOf(text) != EntryKind.File)
            return null;
        await using var file = new FileStream(
            text,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read | FileShare.Delete,
            128 * 1024,
            FileOptions.Asynchronous
        );
        await using var comparing = new ComparingStream(file);
        await write(comparing);
        return await comparing.ResultAsync(cancellationToken);
    }
}
