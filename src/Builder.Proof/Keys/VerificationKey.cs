using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Builder.Proof.Keys;

/// <summary>A public key that checks signatures: P-256 for statements, Ed25519 for checkpoints, links, minisign and signify.</summary>
public abstract class VerificationKey : IEquatable<VerificationKey>
{
    /// <summary>A PEM file of a public key is shorter than this, in characters. Longer input is refused unread.</summary>
    public const int MaxPemLength = 16 * 1024;

    private const string PemLabel = "PUBLIC KEY";
    private const string EcPublicKeyOid = "1.2.840.10045.2.1";
    private const string Ed25519Oid = "1.3.101.112";

    private protected VerificationKey(byte[] subjectPublicKeyInfo, byte[] wireKey)
    {
        SubjectPublicKeyInfo = subjectPublicKeyInfo;
        Id = KeyId.OfWireKey(wireKey);
    }

    public KeyId Id { get; }

    /// <summary>The key in DER (RFC 5280 section 4.1.2.7).</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <returns>False for any signature that is not right, however it is wrong.</returns>
    public abstract bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>The key as PEM (RFC 7468), with a line break at the end.</summary>
    public string ToPem() => PemEncoding.WriteString(PemLabel, SubjectPublicKeyInfo.Span) + "\n";

    /// <exception cref="InvalidKeyException">Not one public key in PEM, or of a kind that Builder does not use.</exception>
    public static VerificationKey FromPem(ReadOnlySpan<char> pem)
    {
        if (pem.Length > MaxPemLength)
        {
            throw new InvalidKeyException($"a public key has at most {MaxPemLength} characters; this has {pem.Length}");
        }

        if (!PemEncoding.TryFind(pem, out var fields) || !pem[fields.Label].SequenceEqual(PemLabel))
        {
            throw new InvalidKeyException($"not a public key: no \"-----BEGIN {PemLabel}-----\"");
        }

        var der = new byte[fields.DecodedDataLength];
        return Convert.TryFromBase64Chars(pem[fields.Base64Data], der, out _)
            ? FromSubjectPublicKeyInfo(der)
            : throw new InvalidKeyException("not a public key: the text between the PEM lines is not base64");
    }

    /// <exception cref="InvalidKeyException">Not DER of one public key, or of a kind that Builder does not use.</exception>
    public static VerificationKey FromSubjectPublicKeyInfo(ReadOnlyMemory<byte> der)
    {
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var key = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var algorithm = key.ReadSequence();
            var oid = algorithm.ReadObjectIdentifier();
            var bits = key.ReadBitString(out var unused);
            key.ThrowIfNotEmpty();
            return oid switch
            {
                // rebuilderd writes a NULL parameter here, against RFC 8410; OpenSSL refuses it, readers of its statements may not.
                Ed25519Oid when unused == 0 => Ed25519VerificationKey.FromBytes(bits),
                EcPublicKeyOid => EcdsaVerificationKey.FromDer(der.Span),
                _ => throw new InvalidKeyException($"public key algorithm {oid} is not supported; use an ECDSA P-256 or Ed25519 key"),
            };
        }
        catch (AsnContentException exception)
        {
            throw new InvalidKeyException("not a public key: its DER is invalid", exception);
        }
    }

    public bool Equals(VerificationKey? other) =>
        other is not null && SubjectPublicKeyInfo.Span.SequenceEqual(other.SubjectPublicKeyInfo.Span);

    public sealed override bool Equals(object? obj) => Equals(obj as VerificationKey);

    public sealed override int GetHashCode() => Id.GetHashCode();

    public sealed override string ToString() => Id.ToString();
}
