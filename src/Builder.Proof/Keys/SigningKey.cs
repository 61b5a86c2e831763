using System.Security.Cryptography;

namespace Builder.Proof.Keys;

/// <summary>A private key in memory. Safe for use by several threads. Its text never holds the key.</summary>
public abstract class SigningKey : IDisposable
{
    private protected const string PemLabel = "PRIVATE KEY";

    /// <summary>The key that checks the signatures.</summary>
    public abstract VerificationKey PublicKey { get; }

    public KeyId Id => PublicKey.Id;

    public abstract byte[] Sign(ReadOnlySpan<byte> message);

    /// <summary>The key in DER (RFC 5958), for a file of mode 0600. The caller clears it after use.</summary>
    public abstract byte[] ExportPkcs8PrivateKey();

    /// <summary>The key in PEM, for a file of mode 0600. The caller clears it after use.</summary>
    public char[] ToPem()
    {
        var der = ExportPkcs8PrivateKey();
        try
        {
            return [.. PemEncoding.Write(PemLabel, der), '\n'];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <exception cref="InvalidKeyException">Not one unencrypted private key in PEM, or of a kind that Builder does not use.</exception>
    public static SigningKey FromPem(ReadOnlySpan<char> pem)
    {
        if (
            pem.Length > VerificationKey.MaxPemLength
            || !PemEncoding.TryFind(pem, out var fields)
            || !pem[fields.Label].SequenceEqual(PemLabel)
        )
        {
            throw new InvalidKeyException($"not a private key: no \"-----BEGIN {PemLabel}-----\"");
        }

        var der = new byte[fields.DecodedDataLength];
        try
        {
            if (!Convert.TryFromBase64Chars(pem[fields.Base64Data], der, out _))
            {
                throw new InvalidKeyException("not a private key: the text between the PEM lines is not base64");
            }

            return Ed25519SigningKey.TryFromPkcs8(der) is { } ed25519 ? ed25519 : EcdsaSigningKey.FromPkcs8(der);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    public abstract void Dispose();

    public sealed override string ToString() => $"private key of {Id}";
}
