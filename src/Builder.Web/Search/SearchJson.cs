using System.Text.Json;
using Builder.Web.Find;

namespace Builder.Web.Search;

/// <summary>The answers for programs.</summary>
internal static class SearchJson
{
    public static void Write(Utf8JsonWriter json, SearchPage found)
    {
        json.WriteStartObject();
        json.WriteString("query", found.Query);
        json.WriteStartArray("jobs");
        foreach (var job in found.Jobs)
        {
            json.WriteStartObject();
            json.WriteString("name", job.Name);
            json.WriteString("synopsis", job.Synopsis);
            json.WriteString("section", job.Section);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("builds");
        foreach (var match in found.Builds)
        {
            json.WriteStartObject();
            json.WriteString("job", match.Build.Job);
            json.WriteString("uuid", match.Build.Uuid.ToString());
            json.WriteString("sha256", match.File?.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("packages");
        foreach (var package in found.Packages)
        {
            json.WriteStartObject();
            json.WriteString("ecosystem", package.Ecosystem);
            json.WriteString("name", package.Name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (found.Symbol is var (name, binaries))
        {
            json.WriteStartObject("symbol");
            json.WriteString("name", name);
            json.WriteNumber("binaries", binaries);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("symbol");
        }
        json.WritePropertyName("consoles");
        if (found.Consoles is { } consoles)
            FindJson.Write(json, consoles);
        else
            json.WriteNullValue();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, IEnumerable<Suggestion> suggestions)
    {
        json.WriteStartArray();
        foreach (var suggestion in suggestions)
        {
            json.WriteStartObject();
            json.WriteString("text", suggestion.Text);
            json.WriteString("group", suggestion.Group);
            json.WriteString("href", suggestion.Address);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
