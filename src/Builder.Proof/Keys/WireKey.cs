using System.Buffers.Binary;

namespace Builder.Proof.Keys;

/// <summary>Public keys as OpenSSH writes them: strings with a length of four bytes before each (RFC 4251 section 5).</summary>
internal static class WireKey
{
    public static byte[] OfEd25519(ReadOnlySpan<byte> publicKey) => Join("ssh-ed25519"u8, publicKey);

    /// <param name="point">The uncompressed point, 65 bytes.</param>
    public static byte[] OfP256(ReadOnlySpan<byte> point) => [.. Join("ecdsa-sha2-nistp256"u8, "nistp256"u8), .. WithLength(point)];

    private static byte[] Join(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => [.. WithLength(first), .. WithLength(second)];

    private static byte[] WithLength(ReadOnlySpan<byte> content)
    {
        var bytes = new byte[sizeof(uint) + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)content.Length);
        content.CopyTo(bytes.AsSpan(sizeof(uint)));
        return bytes;
    }
}
