using System.Text.Json;
using Builder.Analysis.Advisories;
using Builder.Web.Html;

namespace Builder.Web.Find;

/// <summary>The answers for programs.</summary>
internal static class FindJson
{
    public static void Write(Utf8JsonWriter json, PackageAnswer answer)
    {
        var expression = answer.Expression;
        json.WriteStartObject();
        json.WriteString("ecosystem", EcosystemNames.NameOf(expression.Ecosystem));
        json.WriteString("name", expression.Name);
        json.WriteString("expression", expression.ToString());
        json.WriteStartArray("versions");
        foreach (var count in answer.Versions)
        {
            json.WriteStartObject();
            json.WriteString("version", count.Version.Length == 0 ? null : count.Version);
            json.WriteString(
                "purl",
                new ContainedPackage(expression.Ecosystem, expression.Name, count.Version, PackageWay.Dependency).Url.ToString()
            );
            json.WriteNumber("latest_builds", count.Latest);
            json.WriteNumber("builds", count.Builds);
            WriteBuild(json, "last", count.Last);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("places");
        foreach (var place in answer.Places)
        {
            json.WriteStartObject();
            WriteFields(json, place);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SymbolAnswer answer)
    {
        json.WriteStartObject();
        json.WriteString("symbol", answer.Name);
        json.WriteStartArray("places");
        foreach (var place in answer.Places)
        {
            json.WriteStartObject();
            WriteFields(json, place);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ConsoleAnswer answer)
    {
        json.WriteStartObject();
        json.WriteString("text", answer.Text);
        json.WriteNumber("consoles", answer.Consoles);
        json.WriteBoolean("complete", answer.IsWhole);
        json.WriteStartArray("places");
        foreach (var place in answer.Places)
        {
            json.WriteStartObject();
            json.WriteString("job", place.Job);
            json.WriteString("platform", place.Platform);
            WriteBuild(json, "build", place.Build);
            json.WriteBoolean("latest", place.IsLatest);
            json.WriteNumber("line", place.Hit.Line);
            json.WriteString("line_text", place.Hit.Text);
            json.WriteNumber("lines", place.Hit.Lines);
            json.WriteNumber("other_builds", place.Others);
            json.WriteString("href", Href.ConsoleLine(place.Job, place.Build.Uuid, place.Hit.Line));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteSummary(Utf8JsonWriter json, AdvisoryPlaces places)
    {
        json.WriteStartObject();
        WriteAdvisory(json, places.Advisory);
        json.WriteNumber("affected_latest_builds", places.Affected);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, AdvisoryPlaces places)
    {
        json.WriteStartObject();
        WriteAdvisory(json, places.Advisory);
        json.WriteString("details", places.Advisory.Details);
        json.WriteNumber("affected_latest_builds", places.Affected);
        json.WriteStartArray("places");
        foreach (var affected in places.Places)
        {
            json.WriteStartObject();
            json.WriteString("package", affected.Package.Name);
            json.WriteString("fixed", affected.Fixed);
            WriteFields(json, affected.Place);
            if (affected.Dismissed is { } dismissed)
                json.WriteString("dismissed_because", dismissed.Because);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, IEnumerable<AdvisoryMatch> matches, string job, AdvisoryList list)
    {
        json.WriteStartObject();
        json.WriteStartArray("advisories");
        foreach (var match in matches)
        {
            json.WriteStartObject();
            AdvisoryMatchJson.WriteFields(json, match);
            if (list.DismissalOf(match.Advisory.Id, job) is { } dismissed)
                json.WriteString("dismissed_because", dismissed.Because);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteAdvisory(Utf8JsonWriter json, Advisory advisory)
    {
        json.WriteString("id", advisory.Id);
        json.WriteString("title", advisory.Title);
        json.WriteString("severity", advisory.Severity);
        json.WriteString("score", advisory.Score);
        json.WriteString("published", advisory.Published);
        json.WriteString("modified", advisory.Modified);
        json.WriteStartArray("aliases");
        foreach (var alias in advisory.Aliases)
            json.WriteStringValue(alias);
        json.WriteEndArray();
        json.WriteStartArray("packages");
        foreach (var package in advisory.Packages)
            json.WriteStringValue($"{EcosystemNames.NameOf(package.Ecosystem)}:{package.Name}");
        json.WriteEndArray();
    }

    private static void WriteFields(Utf8JsonWriter json, PackagePlace place)
    {
        json.WriteString("job", place.Job);
        json.WriteString("platform", place.Platform);
        json.WriteBoolean("affected", place.IsAffected);
        WriteTexts(json, "versions", place.Versions);
        WriteTexts(json, "latest_versions", place.LatestVersions);
        WriteBuild(json, "latest", place.Latest);
        WriteBuild(json, "last_affected", place.LastAffected);
        WriteBuild(json, "first_fixed", place.FirstFixed);
        json.WriteNumber("builds", place.Builds);
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteBuild(Utf8JsonWriter json, string name, SeenBuild? build)
    {
        if (build is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        json.WriteString("uuid", build.Uuid.ToString());
        json.WriteString("start_time", Wording.Rfc3339(build.Started));
        json.WriteEndObject();
    }
}
