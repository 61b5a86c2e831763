using System.Globalization;
using System.Text.Json.Nodes;
using Builder.Proof.Keys;

namespace Builder.Proof.Links;

/// <summary>
/// Says to <c>in-toto-verify</c> how many of which builders must have come to the same file. All links that are there must agree: whoever exports
/// them leaves out those that do not.
/// </summary>
public static class InTotoLayout
{
    public const string FileName = "root.layout";

    /// <param name="file">Name of the file that lies beside the layout.</param>
    /// <param name="builders">Whose links count.</param>
    /// <param name="threshold">How many of them must agree.</param>
    /// <param name="expires">in-toto refuses the layout afterwards.</param>
    /// <param name="readme">For people.</param>
    public static byte[] Sign(
        string file,
        IReadOnlyCollection<Ed25519VerificationKey> builders,
        int threshold,
        DateTimeOffset expires,
        string readme,
        Ed25519SigningKey owner
    )
    {
        var keys = new JsonObject();
        foreach (var builder in builders)
        {
            var key = InTotoKey.ToNode(builder);
            key["keyid"] = InTotoKey.IdOf(builder);
            keys[InTotoKey.IdOf(builder)] = key;
        }
        return SignedMetadata.Sign(
            new JsonObject
            {
                ["_type"] = "layout",
                ["expires"] = expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["inspect"] = new JsonArray(Inspection(file)),
                ["keys"] = keys,
                ["readme"] = readme,
                ["steps"] = new JsonArray(Step(builders, threshold)),
            },
            owner
        );
    }

    private static JsonObject Step(IEnumerable<Ed25519VerificationKey> builders, int threshold) =>
        new()
        {
            ["_type"] = "step",
            ["expected_command"] = new JsonArray(),
            ["expected_materials"] = new JsonArray(),
            ["expected_products"] = new JsonArray(new JsonArray("CREATE", "*")),
            ["name"] = InTotoLink.Step,
            ["pubkeys"] = new JsonArray([.. builders.Select(builder => (JsonNode)InTotoKey.IdOf(builder))]),
            ["threshold"] = threshold,
        };

    /// <summary>The file that lies here must be the one that the links name.</summary>
    private static JsonObject Inspection(string file) =>
        new()
        {
            ["_type"] = "inspection",
            ["expected_materials"] = new JsonArray(
                new JsonArray("MATCH", file, "WITH", "PRODUCTS", "FROM", InTotoLink.Step),
                new JsonArray("DISALLOW", file)
            ),
            ["expected_products"] = new JsonArray(),
            ["name"] = "verify",
            ["run"] = new JsonArray("true"),
        };
}
