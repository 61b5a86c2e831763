using System.Runtime.CompilerServices;
using Builder.Protocol.Der;
using Builder.Protocol.Messages;

namespace Builder.Protocol.Streaming;

/// <summary>
/// Reads a finished build as it comes in, in constant memory however long its console and its artifacts are. Its four parts are read
/// in this order, each once, and each to its end: <see cref="ReadHeadAsync"/>, <see cref="ReadConsoleAsync"/>, <see cref="ReadTailAsync"/>,
/// <see cref="ReadArtifactsAsync"/>. Only when the last artifact has been gone through is the whole known to be well-formed.
/// </summary>
public sealed class ExecReader
{
    private readonly Stream stream;
    private readonly DerStream der;
    private readonly ExecLimits limits;
    private bool isCanonical = true;
    private Part next = Part.Head;

    public ExecReader(Stream stream, ExecLimits limits)
    {
        this.stream = stream;
        der = new DerStream(new ByteSource(stream.ReadAsync), length: null, ProtocolErrorReason.Malformed);
        this.limits = limits;
    }

    private enum Part
    {
        Head,
        Console,
        Tail,
        Artifacts,
        Nothing,
    }

    /// <exception cref="ProtocolException">Not a finished build; the message says where and why. So with all parts.</exception>
    public async ValueTask<ExecHead> ReadHeadAsync(CancellationToken cancellationToken)
    {
        StartWith(Part.Head);
        await EnterAsync(cancellationToken);
        var (job, bytes) = await der.ReadElementAsync("job", limits.MaxElementSize, cancellationToken);
        var scriptJob = job.ReadScriptJob("job");
        Compare(bytes, writer => writer.WriteScriptJob(scriptJob));
        var (uuid, _) = await der.ReadElementAsync("uuid", limits.MaxElementSize, cancellationToken);
        return new ExecHead(scriptJob, uuid.ReadUuid("uuid"));
    }

    /// <summary>The console, newest line first.</summary>
    public async ValueTask<ConsoleSource> ReadConsoleAsync(CancellationToken cancellationToken)
    {
        StartWith(Part.Console);
        var length = await der.EnterSequenceAsync("console", cancellationToken);
        return new ConsoleSource(length, ReadLinesAsync(CancellationToken.None));
    }

    public async ValueTask<ExecTail> ReadTailAsync(CancellationToken cancellationToken)
    {
        StartWith(Part.Tail);
        var (timestamps, bytes) = await der.ReadElementAsync("timestamps", limits.MaxElementSize, cancellationToken);
        var times = BuildTimes.Read(timestamps);
        Compare(bytes, times.Write);
        var (result, _) = await der.ReadElementAsync("result", limits.MaxElementSize, cancellationToken);
        return new ExecTail(times.Started, times.Finished, result.ReadResult("result")) { Times = times };
    }

    /// <summary>
    /// Of a build in a file that is known to be well-formed: where everything before the artifacts lies, found without reading it. The artifacts
    /// are read next.
    /// </summary>
    /// <exception cref="NotSupportedException">The stream cannot seek.</exception>
    public async ValueTask<ExecFront> SkipToArtifactsAsync(CancellationToken cancellationToken)
    {
        StartWith(Part.Head);
        await EnterAsync(cancellationToken);
        var start = der.Offset;
        foreach (var part in new[] { "job", "uuid", "console", "timestamps", "result" })
            await der.SkipElementAsync(part, count => stream.Seek(count, SeekOrigin.Current), cancellationToken);
        next = Part.Artifacts;
        return new ExecFront(start, der.Offset);
    }

    /// <summary>The artifacts, in the order of the file.</summary>
    public async ValueTask<ArtifactSource> ReadArtifactsAsync(CancellationToken cancellationToken)
    {
        StartWith(Part.Artifacts);
        var length = await der.EnterSequenceAsync("output", cancellationToken);
        return new ArtifactSource(length, ReadItemsAsync(CancellationToken.None));
    }

    private async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        var tag = await der.PeekTagAsync("exec", cancellationToken);
        if (tag != DerTag.Context(0))
            throw der.Malformed("exec", ExecCodec.NotABuild(tag));
        await der.EnterAsync(tag, "exec", cancellationToken);
        await der.EnterSequenceAsync("", cancellationToken);
    }

    private async IAsyncEnumerable<ConsoleLine> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (der.NextItem())
        {
            var (line, _) = await der.ReadElementAsync("", limits.MaxElementSize, cancellationToken);
            yield return line.ReadConsoleLine("");
        }
        der.Leave();
        next = Part.Tail;
    }

    private async IAsyncEnumerable<ArtifactContent> ReadItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (
            var artifact in ArtifactReader.ReadAsync(der, isCanonical ? limits.Paths : ArtifactPaths.Confined, cancellationToken)
        )
            yield return artifact;
        der.Leave();
        der.Leave();
        await der.EndAsync(cancellationToken);
    }

    /// <summary>Is this what the original writes for this value?</summary>
    private void Compare(ReadOnlyMemory<byte> bytes, Action<DerWriter> write)
    {
        if (limits.Paths == ArtifactPaths.Confined)
            return;
        var writer = new DerWriter();
        write(writer);
        isCanonical &= writer.Written.Span.SequenceEqual(bytes.Span);
    }

    private void StartWith(Part part)
    {
        if (next != part)
            throw new InvalidOperationException($"{next} is to be read next, and to its end, not {part}");
        // The console says itself when it has been gone through.
        next = part == Part.Console ? Part.Nothing : part + 1;
    }
}
