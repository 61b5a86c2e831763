using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Builder.Web.OpenId;

/// <summary>The provider's keys (RFC 7517), as far as they sign: RSA and P-256.</summary>
internal static class JsonWebKeys
{
    private const int MinRsaBits = 2048;
    private const int MaxKeys = 50;

    /// <summary>Whether one of the keys made the signature.</summary>
    /// <param name="algorithm">RS256, PS256 or ES256 (RFC 7518 section 3).</param>
    /// <param name="keyId">Null where the token names none.</param>
    public static bool Verify(JsonElement keys, string algorithm, string? keyId, byte[] data, byte[] signature)
    {
        if (!keys.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
            throw new OpenIdException("the provider's keys are not a JSON Web Key Set");
        return list.EnumerateArray().Take(MaxKeys).Any(key => Fits(key, keyId) && VerifyWith(key, algorithm, data, signature));
    }

    private static bool Fits(JsonElement key, string? keyId) =>
        key.ValueKind == JsonValueKind.Object
        && ProviderMetadata.Text(key, "use") is null or "sig"
        && (keyId is null || ProviderMetadata.Text(key, "kid") is not { } id || id == keyId);

    private static bool VerifyWith(JsonElement key, string algorithm, byte[] data, byte[] signature)
    {
        try
        {
            return (ProviderMetadata.Text(key, "kty"), algorithm) switch
            {
                ("RSA", "RS256") => VerifyRsa(key, data, signature, RSASignaturePadding.Pkcs1),
                ("RSA", "PS256") => VerifyRsa(key, data, signature, RSASignaturePadding.Pss),
                ("EC", "ES256") when ProviderMetadata.Text(key, "crv") == "P-256" => VerifyEcdsa(key, data, signature),
                _ => false,
            };
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            // A key that is none: another one may be right.
            return false;
        }
    }

    private static bool VerifyRsa(JsonElement key, byte[] data, byte[] signature, RSASignaturePadding padding)
    {
        using var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") });
        return rsa.KeySize >= MinRsaBits && rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, padding);
    }

    private static bool VerifyEcdsa(JsonElement key, byte[] data, byte[] signature)
    {
        using var ecdsa = ECDsa.Create(
            new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") },
            }
        );
        return ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256);
    }

    private static byte[] Bytes(JsonElement key, string name) =>
        Base64Url.DecodeFromChars(ProviderMetadata.Text(key, name) ?? throw new FormatException($"a key has no \"{name}\""));
}
