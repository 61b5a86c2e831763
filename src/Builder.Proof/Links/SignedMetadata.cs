using System.Text.Json.Nodes;
using Builder.Proof.Keys;

namespace Builder.Proof.Links;

/// <summary>A document of in-toto with its signature (the classic "metablock").</summary>
internal static class SignedMetadata
{
    /// <summary>Canonical as a whole, so that the same document has the same bytes.</summary>
    public static byte[] Sign(JsonObject document, Ed25519SigningKey key)
    {
        var signature = Convert.ToHexStringLower(key.Sign(CanonicalJson.Write(document)));
        return CanonicalJson.Write(
            new JsonObject
            {
                ["signatures"] = new JsonArray(new JsonObject { ["keyid"] = InTotoKey.IdOf(key.PublicKey), ["sig"] = signature }),
                ["signed"] = document,
            }
        );
    }
}
