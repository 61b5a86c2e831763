using System.Formats.Asn1;
using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Builder.Proof.Keys;

/// <summary>An Ed25519 private key (RFC 8032): checkpoints of the log, links, minisign and signify.</summary>
public sealed class Ed25519SigningKey : SigningKey
{
    /// <summary>Size of the secret seed from which the key pair follows.</summary>
    public const int SeedSizeInBytes = 32;

    private const string Oid = "1.3.101.112";

    private readonly byte[] seed;
    private readonly Ed25519VerificationKey publicKey;

    private Ed25519SigningKey(byte[] seed)
    {
        this.seed = seed;
        var bytes = new byte[Ed25519VerificationKey.SizeInBytes];
        Ed25519.GeneratePublicKey(seed, 0, bytes, 0);
        publicKey = Ed25519VerificationKey.FromBytes(bytes);
    }

    public override Ed25519VerificationKey PublicKey => publicKey;

    public static Ed25519SigningKey Generate() => new(RandomNumberGenerator.GetBytes(SeedSizeInBytes));

    /// <exception cref="InvalidKeyException">Not 32 bytes.</exception>
    public static Ed25519SigningKey FromSeed(ReadOnlySpan<byte> seed) =>
        seed.Length == SeedSizeInBytes
            ? new Ed25519SigningKey(seed.ToArray())
            : throw new InvalidKeyException($"an Ed25519 private key has {SeedSizeInBytes} bytes, not {seed.Length}");

    /// <returns>Null: the DER holds a key of another kind, or none.</returns>
    internal static Ed25519SigningKey? TryFromPkcs8(byte[] der)
    {
        try
        {
            var key = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            key.ReadInteger();
            if (key.ReadSequence().ReadObjectIdentifier() != Oid)
            {
                return null;
            }

            // RFC 8410 section 7: an OCTET STRING inside the OCTET STRING.
            var seed = new AsnReader(key.ReadOctetString(), AsnEncodingRules.DER).ReadOctetString();
            return seed.Length == SeedSizeInBytes ? new Ed25519SigningKey(seed) : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    public override byte[] Sign(ReadOnlySpan<byte> message)
    {
        var signature = new byte[Ed25519VerificationKey.SignatureSizeInBytes];
        Ed25519.Sign(seed, 0, message.ToArray(), 0, message.Length, signature, 0);
        return signature;
    }

    public override byte[] ExportPkcs8PrivateKey()
    {
        var inner = new AsnWriter(AsnEncodingRules.DER);
        inner.WriteOctetString(seed);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oid);
            }

            writer.WriteOctetString(inner.Encode());
        }

        return writer.Encode();
    }

    public override void Dispose() => CryptographicOperations.ZeroMemory(seed);
}
