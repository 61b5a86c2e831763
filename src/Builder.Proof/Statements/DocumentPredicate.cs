using System.Text.Json;

namespace Builder.Proof.Statements;

/// <summary>A document of another standard as it is, such as a list of components in SPDX.</summary>
/// <param name="TypeUri">The URI that names the kind.</param>
/// <param name="Json">One JSON object.</param>
public sealed record DocumentPredicate(string TypeUri, ReadOnlyMemory<byte> Json) : Predicate
{
    public const string Spdx = "https://spdx.dev/Document";
    public const string CycloneDx = "https://cyclonedx.org/bom";

    public override string Type => TypeUri;

    public override void Write(Utf8JsonWriter json) => json.WriteRawValue(Json.Span);
}
