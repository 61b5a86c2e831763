using System.Text.Encodings.Web;
using System.Text.Json;
using Builder.Analysis.Advisories;

namespace Builder.Cli.Advisories;

/// <summary>The answer for programs.</summary>
internal static class CheckJson
{
    public static byte[] Of(
        IEnumerable<CheckAnswer> answers,
        IEnumerable<(string Target, JsonElement Advisory)> remote,
        IEnumerable<string> problems
    )
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.Default }))
        {
            json.WriteStartObject();
            json.WriteStartArray("advisories");
            foreach (var answer in answers)
            {
                foreach (var match in answer.Matches)
                    Write(json, answer.Content.Name, match);
            }
            foreach (var (target, advisory) in remote)
            {
                json.WriteStartObject();
                foreach (var field in advisory.EnumerateObject())
                    field.WriteTo(json);
                json.WriteString("target", target);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("problems");
            foreach (var problem in problems)
                json.WriteStringValue(problem);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string target, AdvisoryMatch match)
    {
        json.WriteStartObject();
        AdvisoryMatchJson.WriteFields(json, match);
        json.WriteString("target", target);
        json.WriteEndObject();
    }
}
