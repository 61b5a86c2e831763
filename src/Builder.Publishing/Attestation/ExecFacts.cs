using System.IO.Pipelines;
using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Proof.Records;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Storage.Ingestion;

namespace Builder.Publishing.Attestation;

/// <summary>What a whole build turns out to hold when it is read once from its beginning to its end, in memory that does not grow with its artifacts.</summary>
/// <param name="Digest">Of all its bytes.</param>
/// <param name="List">Digest of the list of all its artifacts, also those that are not published.</param>
/// <param name="Console">Digest of the console as the site serves it; null where it is longer than the limit.</param>
internal sealed record ExecFacts(
    Sha256Digest Digest,
    long Size,
    ExecHead Head,
    ExecTail Tail,
    IReadOnlyList<CheckedArtifact> Artifacts,
    Sha256Digest List,
    IReadOnlyDictionary<string, byte[]> Inputs,
    Sha256Digest? Console
)
{
    private const long MaxConsole = 16 << 20;
    private const long MaxInput = 16 << 20;
    private const int PieceSize = 64 * 1024;

    /// <param name="write">Writes the build.</param>
    public static async Task<ExecFacts> ReadAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var pipe = new Pipe(
            new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, useSynchronizationContext: false)
        );
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(pipe.Writer, write, stop.Token);
        try
        {
            return await ReadAsync(pipe.Reader.AsStream(), stop.Token);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await stop.CancelAsync();
            await writing;
        }
    }

    private static async Task WriteAsync(
        PipeWriter writer,
        Func<Stream, CancellationToken, Task> write,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await write(writer.AsStream(), cancellationToken);
            await writer.CompleteAsync();
        }
        catch (Exception exception)
        {
            // The reading side throws it on.
            await writer.CompleteAsync(exception);
        }
    }

    private static async Task<ExecFacts> ReadAsync(Stream exec, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var hashing = new HashingStream(exec, hash);
        var reader = new ExecReader(hashing, ExecLimits.Default);
        var head = await reader.ReadHeadAsync(cancellationToken);
        var console = await ReadConsoleAsync(await reader.ReadConsoleAsync(cancellationToken), cancellationToken);
        var tail = await reader.ReadTailAsync(cancellationToken);
        using var list = new ArtifactListDigest();
        var artifacts = new List<CheckedArtifact>();
        var inputs = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        await foreach (var artifact in (await reader.ReadArtifactsAsync(cancellationToken)).Items.WithCancellation(cancellationToken))
        {
            var found = await ReadArtifactAsync(artifact, inputs, cancellationToken);
            artifacts.Add(found);
            list.Add(found.Path.Bytes.Span, found.Size, found.Digest);
        }
        // Nothing may come behind it.
        var rest = new byte[1];
        if (await hashing.ReadAsync(rest, cancellationToken) > 0)
            throw new InvalidDataException("the build has bytes behind its end");
        return new ExecFacts(
            Sha256Digest.FromBytes(hash.GetHashAndReset()),
            hashing.Count,
            head,
            tail,
            artifacts,
            list.End(),
            inputs,
            console
        );
    }

    private static async Task<CheckedArtifact> ReadArtifactAsync(
        ArtifactContent artifact,
        Dictionary<string, byte[]> inputs,
        CancellationToken cancellationToken
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var name = artifact.Path.ToString();
        using var kept = CheckedBuild.InputNames.Contains(name) && artifact.Length <= MaxInput ? new MemoryStream() : null;
        var buffer = new byte[Math.Clamp(artifact.Length, 1, PieceSize)];
        while (await artifact.Content.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            hash.AppendData(buffer, 0, count);
            kept?.Write(buffer, 0, count);
        }
        if (kept is not null)
            inputs[name] = kept.ToArray();
        return new CheckedArtifact(artifact.Path, artifact.Length, Sha256Digest.FromBytes(hash.GetHashAndReset()));
    }

    /// <summary>An exec has the newest line first, the console the oldest.</summary>
    private static async Task<Sha256Digest?> ReadConsoleAsync(ConsoleSource source, CancellationToken cancellationToken)
    {
        var isKept = source.ContentLength <= MaxConsole;
        var lines = new List<ConsoleLine>();
        await foreach (var line in source.NewestFirst.WithCancellation(cancellationToken))
        {
            if (isKept)
                lines.Add(line);
        }
        if (!isKept)
            return null;
        lines.Reverse();
        using var text = new MemoryStream();
        await ConsoleText.WriteAsync(lines.ToAsyncEnumerable(), text, cancellationToken);
        return Sha256Digest.Of(text.GetBuffer().AsSpan(0, (int)text.Length));
    }
}
