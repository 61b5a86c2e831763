using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Builder.Proof.Keys;

namespace Builder.Proof.Links;

/// <summary>An Ed25519 key as in-toto names and writes it.</summary>
public static class InTotoKey
{
    /// <summary>SHA-256 of the key's canonical JSON, in hexadecimal.</summary>
    public static string IdOf(Ed25519VerificationKey key) => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Write(ToNode(key))));

    /// <summary>The file for <c>in-toto-verify -k FILE -t ed25519</c>.</summary>
    public static byte[] PublicKeyFile(Ed25519VerificationKey key) => CanonicalJson.Write(ToNode(key));

    internal static JsonObject ToNode(Ed25519VerificationKey key) =>
        new()
        {
            ["keyid_hash_algorithms"] = new JsonArray("sha256", "sha512"),
            ["keytype"] = "ed25519",
            ["keyval"] = new JsonObject { ["public"] = Convert.ToHexStringLower(key.Bytes.Span) },
            ["scheme"] = "ed25519",
        };
}
