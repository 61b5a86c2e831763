using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>Hashes as they stand in checkpoints and proofs: base64.</summary>
internal static class HashText
{
    private const int Length = 44;

    public static string Of(Sha256Digest hash) => Convert.ToBase64String(hash.ToByteArray());

    /// <exception cref="InvalidLogDataException">Not the base64 of 32 bytes, or not as an encoder writes it.</exception>
    public static Sha256Digest Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[Sha256Digest.SizeInBytes];
        return
            text.Length == Length
            && Convert.TryFromBase64String(text, bytes, out var length)
            && length == bytes.Length
            && Convert.ToBase64String(bytes) == text
            ? Sha256Digest.FromBytes(bytes)
            : throw new InvalidLogDataException("a hash is not the base64 of 32 bytes");
    }
}
