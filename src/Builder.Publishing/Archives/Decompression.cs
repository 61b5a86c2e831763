using ZstdSharp;

namespace Builder.Publishing.Archives;

/// <summary>Unpacks what packages are packed with, never more than a limit, never with more than a bounded window in memory.</summary>
internal static class Decompression
{
    /// <summary>A window of 2^27 bytes is the most that zstd's own tools accept without being asked.</summary>
    private const int LargestWindowLog = 27;

    /// <summary>By file name: .gz, .xz, .zst, or .tar itself for what is not packed.</summary>
    /// <exception cref="PackageException">Another ending.</exception>
    public static Stream ForName(string name, FileSection packed, long limit) => Path.GetExtension(name) switch
    {
        ".gz" => Limited(new CheckedGzipStream(packed), limit, name),
        ".xz" => Limited(new XzStream(packed), limit, name),
        ".zst" => Limited(Zstd(packed), limit, name),
        ".tar" => Limited(packed, limit, name),
        var other => throw new PackageException($"\"{name}\" is packed with \"{other}\"; gz, xz and zst can be read"),
    };

    /// <summary>By the first bytes, as FreeBSD's packages need it.</summary>
    public static Stream ForMagic(ReadOnlySpan<byte> start, FileSection packed, long limit, string what) => start switch
    {
        [0x1f, 0x8b, ..] => Limited(new CheckedGzipStream(packed), limit, what),
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => Limited(new XzStream(packed), limit, what),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Limited(Zstd(packed), limit, what),
        _ => Limited(packed, limit, what),
    };

    /// <summary>What the libraries throw on broken input, as what it is: a broken package.</summary>
    public static PackageException Broken(string what, Exception exception) =>
        exception as PackageException ?? new PackageException($"{what} cannot be unpacked: {exception.Message}", exception);

    public static bool IsBrokenInput(Exception exception) =>
        exception is InvalidDataException or ZstdException or EndOfStreamException or PackageException;

    private static DecompressionStream Zstd(Stream packed)
    {
        var stream = new DecompressionStream(packed, leaveOpen: false);
        stream.SetParameter(ZstdSharp.Unsafe.ZSTD_dParameter.ZSTD_d_windowLogMax, LargestWindowLog);
        return stream;
    }

    private static LimitedStream Limited(Stream unpacked, long limit, string what) => new(unpacked, limit, what);
}
