using System.Globalization;
using System.Text.Json;
using Builder.Proof.Statements;

namespace Builder.Proof.Verifying;

/// <summary>Reads from SLSA provenance of any builder what people ask for. What is missing or odd is left out: the signature vouches for the rest.</summary>
internal static class ProvenanceReader
{
    public static VerifiedBuild Read(InTotoStatement statement)
    {
        var definition = Member(statement.Predicate, "buildDefinition");
        var parameters = Member(definition, "externalParameters");
        var run = Member(statement.Predicate, "runDetails");
        var metadata = Member(run, "metadata");
        return new VerifiedBuild(
            Text(parameters, "job"),
            Text(parameters, "platform") ?? Text(Member(definition, "internalParameters"), "platform"),
            Text(metadata, "invocationId"),
            Text(Member(run, "builder"), "id"),
            Text(definition, "buildType"),
            Time(metadata, "startedOn"),
            Time(metadata, "finishedOn")
        )
        {
            Script = Text(Member(parameters, "script"), "sha256"),
        };
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static DateTimeOffset? Time(JsonElement element, string name) =>
        DateTimeOffset.TryParse(Text(element, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : null;
}
