using System.Security.Cryptography;
using Builder.Proof.Keys;

namespace Builder.Proof.Tests.Keys;

public sealed class KeyTests
{
    /// <summary>RFC 8032 section 7.1, test 2.</summary>
    [Fact]
    public void Ed25519_signs_as_the_RFC_says()
    {
        using var key = Ed25519SigningKey.FromSeed(
            Convert.FromHexString("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        );
        Assert.Equal(
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            Convert.ToHexStringLower(key.PublicKey.Bytes.Span)
        );
        Assert.Equal(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            Convert.ToHexStringLower(key.Sign([0x72]))
        );
    }

    public static TheoryData<string> Kinds => ["P-256", "Ed25519"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_key_read_back_from_its_pem_signs_for_the_same_public_key(string kind)
    {
        using var key = Generate(kind);
        using var again = SigningKey.FromPem(key.ToPem());
        var signature = again.Sign("message"u8);
        var publicKey = VerificationKey.FromPem(key.PublicKey.ToPem());
        Assert.Equal(key.Id, again.Id);
        Assert.Equal(key.PublicKey, publicKey);
        Assert.True(publicKey.Verify("message"u8, signature));
        Assert.False(publicKey.Verify("massage"u8, signature));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_signature_with_one_bit_changed_or_cut_off_is_refused(string kind)
    {
        using var key = Generate(kind);
        var signature = key.Sign("message"u8);
        for (var bit = 0; bit < signature.Length * 8; bit++)
        {
            var changed = signature.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.PublicKey.Verify("message"u8, changed));
        }

        for (var length = 0; length < signature.Length; length++)
        {
            Assert.False(key.PublicKey.Verify("message"u8, signature.AsSpan(0, length)));
        }

        Assert.False(key.PublicKey.Verify("message"u8, [.. signature, 0]));
    }

    [Fact]
    public void Rebuilderds_public_keys_with_a_null_parameter_are_read()
    {
        using var key = Ed25519SigningKey.Generate();
        byte[] der = [0x30, 0x2c, 0x30, 0x07, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x05, 0x00, 0x03, 0x21, 0x00, .. key.PublicKey.Bytes.Span];
        Assert.Equal(key.PublicKey, VerificationKey.FromSubjectPublicKeyInfo(der));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PUBLIC KEY-----\n!!!\n-----END PUBLIC KEY-----\n")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2Vw\n-----END PUBLIC KEY-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void What_is_no_public_key_is_refused(string pem) => Assert.Throws<InvalidKeyException>(() => VerificationKey.FromPem(pem));

    [Fact]
    public void Keys_of_other_kinds_are_refused()
    {
        using var otherCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        Assert.Throws<InvalidKeyException>(() => VerificationKey.FromPem(otherCurve.ExportSubjectPublicKeyInfoPem()));
        Assert.Throws<InvalidKeyException>(() => VerificationKey.FromPem(rsa.ExportSubjectPublicKeyInfoPem()));
        Assert.Throws<InvalidKeyException>(() => SigningKey.FromPem(otherCurve.ExportPkcs8PrivateKeyPem()));
        Assert.Throws<InvalidKeyException>(() => SigningKey.FromPem(rsa.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>The neutral point: with it, one signature would fit every message.</summary>
    [Fact]
    public void A_point_of_small_order_is_no_public_key()
    {
        var neutral = new byte[Ed25519VerificationKey.SizeInBytes];
        neutral[0] = 1;
        Assert.Throws<InvalidKeyException>(() => Ed25519VerificationKey.FromBytes(neutral));
    }

    [Fact]
    public void A_key_id_is_read_in_the_spelling_of_OpenSSH_only()
    {
        using var key = EcdsaSigningKey.Generate();
        Assert.True(KeyId.TryParse(key.Id.Value, out var id));
        Assert.Equal(key.Id, id);
        Assert.False(KeyId.TryParse(key.Id.Value + "=", out _));
        Assert.False(KeyId.TryParse("MD5:00", out _));
        Assert.False(KeyId.TryParse(null, out _));
    }

    [Fact]
    public void The_text_of_a_private_key_does_not_hold_it()
    {
        using var key = Ed25519SigningKey.Generate();
        Assert.Equal($"private key of {key.Id}", key.ToString());
    }

    private static SigningKey Generate(string kind) => kind == "P-256" ? EcdsaSigningKey.Generate() : Ed25519SigningKey.Generate();
}
