using System.Text.Json.Nodes;
using Builder.Analysis.Values;
using Builder.Proof.Keys;

namespace Builder.Proof.Links;

/// <summary>What somebody got who built: names and hashes of files (in-toto link).</summary>
public static class InTotoLink
{
    /// <summary>The step that all who build take.</summary>
    public const string Step = "rebuild";

    /// <summary>The link's file name: in-toto finds it by the step and the key.</summary>
    public static string FileName(string step, Ed25519VerificationKey key) => $"{step}.{InTotoKey.IdOf(key)[..8]}.link";

    /// <param name="step"><see cref="Step"/>, or <c>rebuild FILE</c> as rebuilderd names it.</param>
    public static byte[] Sign(string step, IEnumerable<(string Name, Sha256Digest Digest)> products, Ed25519SigningKey key)
    {
        var files = new JsonObject();
        foreach (var (name, digest) in products)
            files[name] = new JsonObject { ["sha256"] = digest.ToString() };
        return SignedMetadata.Sign(
            new JsonObject
            {
                ["_type"] = "link",
                ["byproducts"] = new JsonObject(),
                ["command"] = new JsonArray(),
                ["environment"] = new JsonObject(),
                ["materials"] = new JsonObject(),
                ["name"] = step,
                ["products"] = files,
            },
            key
        );
    }
}
