using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Storage.Ingestion;

/// <summary>
/// The file <c>console.txt</c>: a line <c>SECONDS.mmms:TEXT</c> for each line of the console, oldest first. Times are rounded to
/// milliseconds, and text that itself holds a newline goes over several lines: the exact console is in the build's exec.
/// </summary>
public static class ConsoleText
{
    private const long NanosecondsPerMillisecond = 1_000_000;
    private const int MaxTimeLength = 40;
    private const int Piece = 128 * 1024;

    /// <param name="oldestFirst">As the file has them.</param>
    public static async Task WriteAsync(IAsyncEnumerable<ConsoleLine> oldestFirst, Stream file, CancellationToken cancellationToken)
    {
        var text = new ArrayBufferWriter<byte>(Piece);
        await foreach (var line in oldestFirst.WithCancellation(cancellationToken))
        {
            Write(line, text);
            if (text.WrittenCount < Piece / 2)
                continue;
            await file.WriteAsync(text.WrittenMemory, cancellationToken);
            text.ResetWrittenCount();
        }
        await file.WriteAsync(text.WrittenMemory, cancellationToken);
    }

    public static void Write(ConsoleLine line, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(MaxTimeLength);
        var (milliseconds, rest) = Math.DivRem(line.DeltaNanoseconds, NanosecondsPerMillisecond);
        if (Math.Abs(rest) >= NanosecondsPerMillisecond / 2)
            milliseconds += Math.Sign(rest);
        var sign = milliseconds < 0 ? "-" : "";
        var (seconds, fraction) = Math.DivRem(Math.Abs(milliseconds), 1000);
        Encoding.UTF8.TryGetBytes(string.Create(CultureInfo.InvariantCulture, $"{sign}{seconds}.{fraction:d3}s:"), span, out var written);
        output.Advance(written);
        output.Write(line.Text.Span);
        output.Write("\n"u8);
    }

    /// <summary>Lines as they can be read back, oldest first. What does not begin with a time belongs to the line before.</summary>
    public static async IAsyncEnumerable<ConsoleLine> ReadAsync(Stream file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ConsoleLine? pending = null;
        await foreach (var line in LinesAsync(file, cancellationToken))
        {
            if (TryParse(line, out var parsed))
            {
                if (pending is { } done)
                    yield return done;
                pending = parsed;
            }
            else
            {
                pending = new ConsoleLine(
                    pending?.DeltaNanoseconds ?? 0,
                    pending is { } before ? Join(before.Text, line) : new ByteString(line)
                );
            }
        }
        if (pending is { } last)
            yield return last;
    }

    /// <summary>One line of the file without its newline.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> line, out ConsoleLine parsed)
    {
        parsed = default;
        var span = line.Span;
        var dot = span.IndexOf((byte)'.');
        if (
            dot <= 0
            || span.Length < dot + 6
            || !span[(dot + 4)..].StartsWith("s:"u8)
            || !long.TryParse(span[..dot], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            || !int.TryParse(span.Slice(dot + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            || Math.Abs((double)seconds) > 9_000_000_000
        )
        {
            return false;
        }
        var part = milliseconds * NanosecondsPerMillisecond;
        parsed = new ConsoleLine((seconds * 1_000_000_000) + (span[0] == '-' ? -part : part), new ByteString(line[(dot + 6)..]));
        return true;
    }

    private static ByteString Join(ByteString first, ReadOnlyMemory<byte> second)
    {
        var joined = new byte[first.Length + 1 + second.Length];
        first.Span.CopyTo(joined);
        joined[first.Length] = (byte)'\n';
        second.Span.CopyTo(joined.AsSpan(first.Length + 1));
        return new ByteString(joined);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesAsync(
        Stream file,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var reader = System.IO.Pipelines.PipeReader.Create(file, new System.IO.Pipelines.StreamPipeReaderOptions(leaveOpen: true));
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } newline)
            {
                yield return buffer.Slice(0, newline).ToArray();
                buffer = buffer.Slice(buffer.GetPosition(1, newline));
            }
            if (read.IsCompleted && !buffer.IsEmpty)
                yield return buffer.ToArray();
            reader.AdvanceTo(read.IsCompleted ? buffer.End : buffer.Start, buffer.End);
            if (read.IsCompleted)
                break;
        }
        await reader.CompleteAsync();
    }
}
