using Builder.Protocol.Der;
using Builder.Protocol.Messages;

namespace Builder.Protocol.Streaming;

/// <summary>
/// Writes a finished build in one pass and in constant memory: console and artifacts come from wherever they are, a file or the
/// connection to a worker. What is written is not complete, and must not be used, unless this returns.
/// </summary>
public static class ExecWriter
{
    /// <exception cref="ArtifactChangedException">A file became shorter meanwhile.</exception>
    /// <exception cref="InvalidOperationException">A source announced another length than it has.</exception>
    /// <exception cref="ProtocolException">The connection that the artifacts come from broke.</exception>
    public static async Task WriteAsync(
        Stream destination,
        ExecHead head,
        ConsoleSource console,
        ExecTail tail,
        ArtifactSource artifacts,
        CancellationToken cancellationToken
    )
    {
        var first = Encode(writer =>
        {
            writer.WriteScriptJob(head.Job);
            writer.WriteUuid(head.Uuid);
        });
        var last = Encode(writer =>
        {
            tail.Times.Write(writer);
            writer.WriteResult(tail.Result);
        });
        var length = checked(
            first.Length + DerSize.OfElement(console.ContentLength) + last.Length + DerSize.OfElement(artifacts.ContentLength)
        );
        var sink = new ByteSink(destination.WriteAsync);
        await sink.WriteAsync(Encode(writer => WriteHeaders(writer, length)), cancellationToken);
        await sink.WriteAsync(first, cancellationToken);
        await WriteConsoleAsync(sink, console, cancellationToken);
        await sink.WriteAsync(last, cancellationToken);
        await ArtifactWriter.WriteAsync(sink, artifacts, cancellationToken);
        await sink.FlushAsync(cancellationToken);
    }

    /// <summary>Writes a build whose artifacts alone are others than in a file: everything before them is copied as it is.</summary>
    /// <param name="front">As <see cref="ExecReader.SkipToArtifactsAsync"/> found it in <paramref name="file"/>.</param>
    /// <exception cref="EndOfStreamException">The file became shorter meanwhile.</exception>
    public static async Task WriteAsync(
        Stream destination,
        Stream file,
        ExecFront front,
        ArtifactSource artifacts,
        CancellationToken cancellationToken
    )
    {
        var length = checked(front.Length + DerSize.OfElement(artifacts.ContentLength));
        var sink = new ByteSink(destination.WriteAsync);
        await sink.WriteAsync(Encode(writer => WriteHeaders(writer, length)), cancellationToken);
        file.Position = front.Start;
        var copied = await sink.CopyAsync(file, front.Length, cancellationToken);
        if (copied < front.Length)
            throw new EndOfStreamException($"the build ends after {front.Start + copied} bytes; its artifacts should begin at {front.End}");
        await ArtifactWriter.WriteAsync(sink, artifacts, cancellationToken);
        await sink.FlushAsync(cancellationToken);
    }

    private static void WriteHeaders(DerWriter writer, long length)
    {
        writer.WriteHeader(DerTag.Context(0), DerSize.OfElement(length));
        writer.WriteHeader(DerTag.Sequence, length);
    }

    private static async ValueTask WriteConsoleAsync(ByteSink sink, ConsoleSource console, CancellationToken cancellationToken)
    {
        var writer = new DerWriter();
        writer.WriteHeader(DerTag.Sequence, console.ContentLength);
        await sink.WriteAsync(writer.Written, cancellationToken);
        var start = sink.Position;
        await foreach (var line in console.NewestFirst.WithCancellation(cancellationToken))
        {
            writer.Clear();
            writer.WriteConsoleLine(line);
            await sink.WriteAsync(writer.Written, cancellationToken);
        }
        if (sink.Position - start != console.ContentLength)
            throw new InvalidOperationException(
                $"console lines add up to {sink.Position - start} bytes where {console.ContentLength} were announced"
            );
    }

    private static ReadOnlyMemory<byte> Encode(Action<DerWriter> write)
    {
        var writer = new DerWriter();
        write(writer);
        return writer.Written;
    }
}
