using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Builder.Posix;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;

namespace Builder.Storage.Ingestion;

/// <summary>
/// A console on disk, to be gone through in both directions without holding it: it comes newest line first and is shown oldest
/// first. Each record is time, length, text, length.
/// </summary>
internal sealed class ConsoleSpool : IAsyncDisposable
{
    private const int Before = sizeof(long) + sizeof(int);
    private const int After = sizeof(int);
    private const int Window = 256 * 1024;

    private readonly FileStream file;
    private readonly ConsoleSize size = new();
    private readonly byte[] header = new byte[Before];

    public ConsoleSpool(string path) =>
        file = PrivateFiles.Open(
            path,
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.Read,
            bufferSize: 64 * 1024,
            FileOptions.Asynchronous | FileOptions.DeleteOnClose
        );

    public async Task AddAsync(ConsoleLine line, CancellationToken cancellationToken)
    {
        size.Add(line);
        BinaryPrimitives.WriteInt64LittleEndian(header, line.DeltaNanoseconds);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(sizeof(long)), line.Text.Length);
        await file.WriteAsync(header, cancellationToken);
        await file.WriteAsync(line.Text.Memory, cancellationToken);
        await file.WriteAsync(header.AsMemory(sizeof(long)), cancellationToken);
    }

    /// <summary>In the order the lines were added.</summary>
    public async Task<ConsoleSource> AsAddedAsync(CancellationToken cancellationToken)
    {
        await file.FlushAsync(cancellationToken);
        return new ConsoleSource(size.ContentLength, ForwardsAsync(CancellationToken.None));
    }

    /// <summary>The line added last comes first. A line is valid until the next is asked for.</summary>
    public async IAsyncEnumerable<ConsoleLine> ReversedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await file.FlushAsync(cancellationToken);
        var window = new FileWindow(file, Window);
        var end = file.Length;
        while (end > 0)
        {
            var textLength = BinaryPrimitives.ReadInt32LittleEndian((await window.EndingAtAsync(end, After, cancellationToken)).Span);
            var start = end - After - textLength - Before;
            var record = await window.EndingAtAsync(end, (int)(end - start), cancellationToken);
            yield return Line(record, textLength);
            end = start;
        }
    }

    public ValueTask DisposeAsync() => file.DisposeAsync();

    private async IAsyncEnumerable<ConsoleLine> ForwardsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = new FileWindow(file, Window);
        var start = 0L;
        while (start < file.Length)
        {
            var head = await window.StartingAtAsync(start, Before, cancellationToken);
            var textLength = BinaryPrimitives.ReadInt32LittleEndian(head.Span[sizeof(long)..]);
            yield return Line(await window.StartingAtAsync(start, Before + textLength, cancellationToken), textLength);
            start += Before + textLength + After;
        }
    }

    private static ConsoleLine Line(ReadOnlyMemory<byte> record, int textLength) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(record.Span), new ByteString(record.Slice(Before, textLength)));
}
