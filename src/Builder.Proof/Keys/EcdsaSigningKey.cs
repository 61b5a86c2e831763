using System.Security.Cryptography;

namespace Builder.Proof.Keys;

/// <summary>A P-256 private key for statements. Signatures are DER, over the message's SHA-256.</summary>
public sealed class EcdsaSigningKey : SigningKey
{
    private readonly ECDsa key;
    private readonly EcdsaVerificationKey publicKey;
    private readonly Lock oneAtATime = new();

    private EcdsaSigningKey(ECDsa key)
    {
        this.key = key;
        publicKey = EcdsaVerificationKey.From(key);
    }

    public override EcdsaVerificationKey PublicKey => publicKey;

    public static EcdsaSigningKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="InvalidKeyException">Not a P-256 private key.</exception>
    internal static EcdsaSigningKey FromPkcs8(ReadOnlySpan<byte> der)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(der, out _);
            return new EcdsaSigningKey(key);
        }
        catch (CryptographicException exception)
        {
            key.Dispose();
            throw new InvalidKeyException("not a P-256 or Ed25519 private key", exception);
        }
        catch (InvalidKeyException)
        {
            key.Dispose();
            throw;
        }
    }

    public override byte[] Sign(ReadOnlySpan<byte> message)
    {
        lock (oneAtATime)
        {
            return key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    public override byte[] ExportPkcs8PrivateKey()
    {
        lock (oneAtATime)
        {
            return key.ExportPkcs8PrivateKey();
        }
    }

    public override void Dispose() => key.Dispose();
}
