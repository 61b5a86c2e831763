using System.Text.Json;
using Builder.Analysis.Values;

namespace Builder.Proof.Statements;

/// <summary>All that the owner of a job decides about a build (SLSA provenance v1, externalParameters). Verifiers refuse members they do not know.</summary>
/// <param name="Script">SHA-256 of the script that ran, as the worker got it.</param>
public sealed record ExternalParameters(string Job, string Platform, Sha256Digest Script)
{
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("externalParameters");
        json.WriteString("job", Job);
        json.WriteString("platform", Platform);
        json.WriteStartObject("script");
        json.WriteString("sha256", Script.ToString());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <exception cref="InvalidStatementException">A member is missing, or one is there that Builder does not write.</exception>
    internal static ExternalParameters Read(JsonElement element)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (member.Name is not ("job" or "platform" or "script"))
                throw new InvalidStatementException($"the external parameter \"{member.Name}\" is unknown");
        }
        return new ExternalParameters(
            JsonFields.Text(element, "job"),
            JsonFields.Text(element, "platform"),
            JsonFields.Digest(JsonFields.Object(element, "script"), "sha256")
        );
    }
}
