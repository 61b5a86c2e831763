using System.Formats.Asn1;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Builder.Proof.Keys;

/// <summary>An Ed25519 public key (RFC 8032).</summary>
public sealed class Ed25519VerificationKey : VerificationKey
{
    public const int SizeInBytes = 32;
    public const int SignatureSizeInBytes = 64;

    private const string Oid = "1.3.101.112";

    private readonly byte[] bytes;

    private Ed25519VerificationKey(byte[] bytes)
        : base(Encode(bytes), WireKey.OfEd25519(bytes)) => this.bytes = bytes;

    /// <summary>The 32 bytes of the key.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <exception cref="InvalidKeyException">Not 32 bytes, or not a point of the curve.</exception>
    public static Ed25519VerificationKey FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeInBytes)
        {
            throw new InvalidKeyException($"an Ed25519 public key has {SizeInBytes} bytes, not {bytes.Length}");
        }

        // The full check leaves out points of small order, for which one signature fits many messages.
        var copy = bytes.ToArray();
        return Ed25519.ValidatePublicKeyFull(copy, 0)
            ? new Ed25519VerificationKey(copy)
            : throw new InvalidKeyException("not an Ed25519 public key: the bytes are no point of the curve");
    }

    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureSizeInBytes && Ed25519.Verify(signature.ToArray(), 0, bytes, 0, message.ToArray(), 0, message.Length);

    private static byte[] Encode(byte[] bytes)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oid);
            }

            writer.WriteBitString(bytes);
        }

        return writer.Encode();
    }
}
