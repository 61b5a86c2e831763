using System.Security.Cryptography;

namespace Builder.Proof.Keys;

/// <summary>
/// Names a public key: its OpenSSH fingerprint, <c>SHA256:</c> and 43 characters of base64 without padding, as <c>ssh-keygen -lf</c> prints it.
/// Cosign computes the same and skips signatures with another key id.
/// </summary>
public readonly record struct KeyId
{
    private const string Prefix = "SHA256:";
    private const int Base64Length = 43;

    private readonly string? value;

    private KeyId(string value) => this.value = value;

    public string Value => value ?? throw new InvalidOperationException("an uninitialised key id");

    /// <param name="wireKey">The public key as OpenSSH sends it (RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4).</param>
    internal static KeyId OfWireKey(ReadOnlySpan<byte> wireKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(wireKey, hash);
        return new KeyId(Prefix + Convert.ToBase64String(hash).TrimEnd('='));
    }

    public static bool TryParse(string? text, out KeyId id)
    {
        id = default;
        if (text is null || text.Length != Prefix.Length + Base64Length || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (!Convert.TryFromBase64String(text[Prefix.Length..] + "=", hash, out var written) || written != hash.Length)
        {
            return false;
        }

        // Only the spelling that OpenSSH writes: the last character has unused bits.
        if (!text.AsSpan(Prefix.Length).SequenceEqual(Convert.ToBase64String(hash).AsSpan(0, Base64Length)))
        {
            return false;
        }

        id = new KeyId(text);
        return true;
    }

    public override string ToString() => Value;
}
