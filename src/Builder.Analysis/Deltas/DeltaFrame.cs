using Builder.Analysis.Values;

namespace Builder.Analysis.Deltas;

/// <summary>
/// A zstd patch with the hash of its base in front, as RFC 9842 section 5 has it (<c>dcz</c>): <c>5E 2A 4D 18 20 00 00 00</c>, 32 bytes of SHA-256, then one zstd
/// frame. To zstd the first 40 bytes are a frame that it skips, so <c>zstd -d --long=31 --patch-from=BASE</c> reads the whole as it is.
/// </summary>
public static class DeltaFrame
{
    public const int HeaderLength = 8 + Sha256Digest.SizeInBytes;

    private static ReadOnlySpan<byte> Magic => [0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0];

    public static void WriteHeader(Span<byte> destination, Sha256Digest baseDigest)
    {
        Magic.CopyTo(destination);
        baseDigest.CopyTo(destination[Magic.Length..HeaderLength]);
    }

    /// <summary>Which content the patch was made from.</summary>
    /// <exception cref="InvalidDataException">It does not begin as a patch does.</exception>
    public static Sha256Digest BaseOf(ReadOnlySpan<byte> delta) =>
        delta.Length > HeaderLength && delta.StartsWith(Magic)
            ? Sha256Digest.FromBytes(delta[Magic.Length..HeaderLength])
            : throw new InvalidDataException("it does not begin as a patch does (RFC 9842, dcz)");
}
