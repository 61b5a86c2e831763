using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Builder.Publishing.Archives;

/// <summary>Unpacks what packages are packed with, never more than a limit, never with more than a bounded dictionary in memory.</summary>
internal static class Decompression
{
    public static string TooLargeDictionary { get; } =
        $"cannot be unpacked: it needs a dictionary of more than {ArchiveLimits.MaxDictionary >> 20} MiB; pack it with a smaller one (xz -9, zstd -19)";

    /// <summary>The tar behind a member of a Debian package, by the endings that dpkg knows: none, .gz, .xz, .zst, and for data .bz2 and .lzma.</summary>
    /// <param name="stem"><c>control.tar</c> or <c>data.tar</c>.</param>
    /// <exception cref="PackageException">Another ending.</exception>
    public static Stream ForDebianMember(string name, string stem, FileSection packed, long limit)
    {
        Stream unpacked = name[stem.Length..] switch
        {
            "" => packed,
            ".gz" => new CheckedGzipStream(packed),
            ".xz" => UnpackerStream.Xz(packed),
            ".zst" => Zstd(packed),
            ".bz2" when stem == "data.tar" => UnpackerStream.Bzip2(packed),
            ".lzma" when stem == "data.tar" => UnpackerStream.Lzma(packed),
            var other => throw new PackageException($"dpkg cannot read \"{name}\": it is packed with \"{other}\"; use gz, xz or zst"),
        };
        return new LimitedStream(unpacked, limit, name);
    }

    /// <summary>By the first bytes, as FreeBSD's packages need it.</summary>
    public static Stream ForMagic(ReadOnlySpan<byte> start, FileSection packed, long limit, string what) =>
        start switch
        {
            [0x1f, 0x8b, ..] => Limited(new CheckedGzipStream(packed), limit, what),
            [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => Limited(UnpackerStream.Xz(packed), limit, what),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Limited(Zstd(packed), limit, what),
            [(byte)'B', (byte)'Z', (byte)'h', ..] => Limited(UnpackerStream.Bzip2(packed), limit, what),
            _ => Limited(packed, limit, what),
        };

    /// <summary>What the libraries throw on broken input, as what it is: a broken package.</summary>
    public static PackageException Broken(string what, Exception exception) =>
        exception switch
        {
            PackageException package => package,
            ZstdException { Code: ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge } => new PackageException(
                $"{what} {TooLargeDictionary}",
                exception
            ),
            _ => new PackageException($"{what} cannot be unpacked: {exception.Message}", exception),
        };

    public static bool IsBrokenInput(Exception exception) =>
        exception is InvalidDataException or ZstdException or EndOfStreamException or PackageException;

    private static DecompressionStream Zstd(Stream packed)
    {
        var stream = new DecompressionStream(packed, leaveOpen: false);
        stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, ArchiveLimits.MaxDictionaryLog);
        return stream;
    }

    private static LimitedStream Limited(Stream unpacked, long limit, string what) => new(unpacked, limit, what);
}
