using System.Buffers.Binary;
using System.IO.Compression;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.LZMA;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Builder.Analysis.Difference.Containers;

/// <summary>Recognises and unpacks one packed stream, never with a dictionary above 64 MiB.</summary>
internal static class Packed
{
    /// <summary><c>xz -9</c> and dpkg-deb need 64 MiB at most.</summary>
    public const int MaxDictionary = 1 << MaxDictionaryLog;

    private const int MaxDictionaryLog = 26;

    public static PackedFormat FormatOf(Content content) =>
        content.Start switch
        {
            [0x1f, 0x8b, 8, ..] => PackedFormat.Gzip,
            [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => PackedFormat.Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => PackedFormat.Zstd,
            [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => PackedFormat.Bzip2,
            [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => PackedFormat.Bzip2,
            [0x5d, 0, 0, ..] start when IsLzma(start) => PackedFormat.Lzma,
            _ => PackedFormat.None,
        };

    public static string NameOf(PackedFormat format) =>
        format switch
        {
            PackedFormat.Gzip => "gzip",
            PackedFormat.Xz => "xz",
            PackedFormat.Zstd => "zstd",
            PackedFormat.Bzip2 => "bzip2",
            PackedFormat.Lzma => "lzma",
            _ => "bytes",
        };

    /// <summary>Unpacks and keeps the content.</summary>
    /// <exception cref="InvalidDataException">Broken, or a limit is reached.</exception>
    public static Content Unpack(Content packed, PackedFormat format, string name, DifferenceContext context, bool isLeft)
    {
        try
        {
            using var stream = Open(packed, format);
            return context.Unpack(name, stream, packed.Length, isLeft);
        }
        catch (ZstdException exception) when (exception.Code == ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge)
        {
            throw new InvalidDataException(TooLarge("zstd"), exception);
        }
        catch (Exception exception) when (IsOfLibrary(exception))
        {
            throw new InvalidDataException($"the {NameOf(format)} data cannot be unpacked: {exception.Message}", exception);
        }
    }

    public static string TooLarge(string format) =>
        $"the {format} data needs a dictionary of more than {MaxDictionary >> 20} MiB; it is not unpacked";

    /// <summary>Libraries for formats of strangers throw whatever their arrays throw.</summary>
    public static bool IsOfLibrary(Exception exception) =>
        exception is not (OperationCanceledException or InvalidDataException or EndOfStreamException or OutOfMemoryException)
        && (exception is not IOException || exception.GetType() != typeof(IOException));

    public static Stream Open(Content packed, PackedFormat format)
    {
        var stream = packed.OpenStream();
        switch (format)
        {
            case PackedFormat.Gzip:
                return new GZipStream(stream, CompressionMode.Decompress);
            case PackedFormat.Xz:
                return new XzStream((ByteSourceStream)stream);
            case PackedFormat.Bzip2:
                return BZip2Stream.Create(stream, SharpCompress.Compressors.CompressionMode.Decompress, decompressConcatenated: true);
            case PackedFormat.Lzma:
                var properties = packed.Read(0, 13);
                stream.Position = properties.Length;
                return LzmaStream.Create(properties[..5], stream, -1, BinaryPrimitives.ReadInt64LittleEndian(properties.AsSpan(5)), false);
            default:
                var zstd = new DecompressionStream(stream, leaveOpen: false);
                zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxDictionaryLog);
                return zstd;
        }
    }

    // .lzma has no magic: the usual properties, a dictionary that encoders choose, and a size that is unknown or sensible.
    private static bool IsLzma(ReadOnlySpan<byte> start)
    {
        if (start.Length < 18 || start[13] != 0)
            return false;
        var dictionary = BinaryPrimitives.ReadUInt32LittleEndian(start[1..]);
        var size = BinaryPrimitives.ReadInt64LittleEndian(start[5..]);
        return dictionary is >= 1 << 12 and <= MaxDictionary
            && (System.Numerics.BitOperations.PopCount(dictionary) <= 2)
            && size is -1 or (>= 0 and < 1L << 38);
    }
}
