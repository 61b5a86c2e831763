using System.Text.Json;

namespace Builder.Analysis.Advisories;

/// <summary>A match in JSON, the same from the command line and the site.</summary>
public static class AdvisoryMatchJson
{
    /// <summary>The fields, without the braces around them.</summary>
    public static void WriteFields(Utf8JsonWriter json, AdvisoryMatch match)
    {
        var (advisory, package) = (match.Advisory, match.Package);
        json.WriteString("id", advisory.Id);
        json.WriteString("package", package.Name);
        json.WriteString("version", package.Version);
        json.WriteString("severity", advisory.Severity);
        json.WriteString("fixed", match.Fixed);
        if (match.IsModuleLinked is { } isLinked)
            json.WriteBoolean("module_linked", isLinked);
        else
            json.WriteNull("module_linked");
        json.WriteString("score", advisory.Score);
        json.WriteString("title", advisory.Title);
        json.WriteString("ecosystem", EcosystemNames.NameOf(package.Ecosystem));
        json.WriteString("purl", package.Url.ToString());
        json.WriteString("how", PackageWays.NameOf(package.Way));
    }
}
