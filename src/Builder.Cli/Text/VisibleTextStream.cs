using System.Buffers;
using System.Text;
using Builder.Protocol.Text;

namespace Builder.Cli.Text;

/// <summary>Writes text to a terminal a line at a time, without anything that would steer the terminal or the order of reading.</summary>
internal sealed class VisibleTextStream(Stream terminal, bool keepsColours) : Stream
{
    /// <summary>A longer line is written in pieces, each of them on its own harmless.</summary>
    private const int MaxLineLength = 64 * 1024;

    private readonly ArrayBufferWriter<byte> line = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var end = buffer.IndexOf((byte)'\n');
            var piece = end < 0 ? buffer : buffer[..end];
            piece = piece[..Math.Min(piece.Length, MaxLineLength - line.WrittenCount)];
            line.Write(piece);
            buffer = buffer[piece.Length..];
            if (buffer.StartsWith("\n"u8))
            {
                WriteLine();
                terminal.WriteByte((byte)'\n');
                buffer = buffer[1..];
            }
            else if (line.WrittenCount == MaxLineLength)
            {
                WriteLine();
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => terminal.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            WriteLine();
            terminal.Dispose();
        }
        base.Dispose(disposing);
    }

    private void WriteLine()
    {
        if (line.WrittenCount == 0)
            return;
        var text = Encoding.UTF8.GetString(line.WrittenSpan);
        terminal.Write(Encoding.UTF8.GetBytes(keepsColours ? TerminalLine.ForTerminal(text) : VisibleText.Block(text)));
        line.ResetWrittenCount();
    }
}
