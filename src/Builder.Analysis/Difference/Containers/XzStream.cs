using System.Buffers.Binary;
using SharpCompress.Compressors.Xz;

namespace Builder.Analysis.Difference.Containers;

/// <summary>
/// Unpacks .xz (specification 1.1.0) block by block with SharpCompress. It looks at each block's header first, because SharpCompress
/// takes whatever memory a header asks for.
/// </summary>
internal sealed class XzStream(ByteSourceStream source) : Stream
{
    private XZBlock? block;
    private CheckType check;
    private bool isInside;
    private bool isEnd;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        while (!isEnd)
        {
            if (block is null && !NextBlock())
                continue;
            if (block!.Read(buffer, offset, count) is > 0 and var read)
                return read;
            block = null;
        }
        return 0;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }

    // False where a stream has ended; another may follow.
    private bool NextBlock()
    {
        if (!isInside)
        {
            StartStream();
            return false;
        }
        var start = source.Position;
        var size = source.ReadByte();
        if (size < 0)
            throw new EndOfStreamException("the xz data is truncated");
        source.Position = start;
        if (size == 0)
        {
            _ = XZIndex.FromStream(source, false);
            source.Position = Aligned(source.Position) + 12;
            isInside = false;
            return false;
        }
        XzHeader.CheckDictionary(source, (size + 1) * 4);
        source.Position = start;
        block = new XZBlock(source, check, SizeOf(check));
        return true;
    }

    private void StartStream()
    {
        // Streams may be padded with zeros, four bytes each.
        var header = new byte[12];
        while (true)
        {
            var count = source.ReadAtLeast(header.AsSpan(0, 4), 4, throwOnEndOfStream: false);
            if (count < 4)
            {
                isEnd = true;
                return;
            }
            if (BinaryPrimitives.ReadInt32LittleEndian(header) != 0)
                break;
        }
        source.ReadExactly(header.AsSpan(4));
        if (!header.AsSpan().StartsWith(XzHeader.Magic))
            throw new InvalidDataException("the xz data has something else after its end");
        check = (CheckType)(header[7] & 0x0f);
        isInside = true;
    }

    private static long Aligned(long position) => (position + 3) & ~3L;

    private static int SizeOf(CheckType check) =>
        (int)check switch
        {
            0 => 0,
            <= 3 => 4,
            <= 6 => 8,
            <= 9 => 16,
            <= 12 => 32,
            _ => 64,
        };
}
