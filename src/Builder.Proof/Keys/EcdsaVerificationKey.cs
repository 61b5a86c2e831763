using System.Security.Cryptography;

namespace Builder.Proof.Keys;

/// <summary>A P-256 public key. Signatures are of the message's SHA-256, in DER (RFC 3279 section 2.2.3).</summary>
public sealed class EcdsaVerificationKey : VerificationKey
{
    /// <summary>No DER signature of P-256 is longer, in bytes.</summary>
    public const int MaxSignatureLength = 72;

    private const string P256Oid = "1.2.840.10045.3.1.7";
    private const byte UncompressedPoint = 4;

    private EcdsaVerificationKey(byte[] subjectPublicKeyInfo, byte[] point)
        : base(subjectPublicKeyInfo, WireKey.OfP256(point)) { }

    /// <exception cref="InvalidKeyException">Not a P-256 key.</exception>
    internal static EcdsaVerificationKey FromDer(ReadOnlySpan<byte> der)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(der, out _);
            return From(key);
        }
        // The second: of a curve that the cryptography library of this machine does not have.
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException)
        {
            throw new InvalidKeyException("not a P-256 public key", exception);
        }
    }

    /// <exception cref="InvalidKeyException">A key of another curve.</exception>
    internal static EcdsaVerificationKey From(ECDsa key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        if (parameters.Curve.Oid?.Value != P256Oid || parameters.Q is not { X: { } x, Y: { } y })
        {
            throw new InvalidKeyException("the key is of another curve; use P-256");
        }

        // Exported anew: a compressed point or other spelling would give the same key two names.
        return new EcdsaVerificationKey(key.ExportSubjectPublicKeyInfo(), [UncompressedPoint, .. x, .. y]);
    }

    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length > MaxSignatureLength)
        {
            return false;
        }

        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(SubjectPublicKeyInfo.Span, out _);
        return key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }
}
