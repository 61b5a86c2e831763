using System.Globalization;
using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Publishing.Packages;
using Builder.Storage.Rebuilders;
using Builder.Web.Html;

namespace Builder.Web.Rebuilderd;

/// <summary>A published Debian package, as clients of rebuilderd 0.28 read it. One number names package, build and artifact.</summary>
/// <param name="Id">The build's id in the database.</param>
/// <param name="Status"><c>GOOD</c>, <c>BAD</c> or <c>UNKWN</c>.</param>
internal sealed record RebuilderdPackage(
    long Id,
    BuildUuid Build,
    string Job,
    PublishedPackage Package,
    Timestamp Started,
    Timestamp Finished,
    string Status,
    RebuildRow? Attested
)
{
    public const string Distribution = "debian";
    public const string Component = "main";
    public const string Good = "GOOD";
    public const string Bad = "BAD";
    public const string Unknown = "UNKWN";

    public string FileName => Package.FileName[(Package.FileName.LastIndexOf('/') + 1)..];

    public void WriteBinary(Utf8JsonWriter json, string site)
    {
        json.WriteStartObject();
        json.WriteNumber("id", Id);
        WriteName(json);
        json.WriteString("component", Component);
        json.WriteString("architecture", Package.Architecture);
        json.WriteString("url", Url(site));
        json.WriteString("status", Status);
        json.WriteNumber("build_id", Id);
        json.WriteNumber("artifact_id", Id);
        json.WriteNull("diffoscope_log_id");
        if (Attested is null)
            json.WriteNull("attestation_log_id");
        else
            json.WriteNumber("attestation_log_id", Id);
        WriteSeen(json);
        json.WriteEndObject();
    }

    public void WriteSource(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("id", Id);
        WriteName(json);
        json.WriteString("component", Component);
        WriteSeen(json);
        json.WriteEndObject();
    }

    public void WriteBuild(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("id", Id);
        WriteName(json);
        json.WriteString("architecture", Package.Architecture);
        json.WriteString("backend", Distribution);
        json.WriteNumber("retries", 0);
        json.WriteString("started_at", Time(Started));
        json.WriteString("built_at", Time(Finished));
        json.WriteString("status", Status);
        json.WriteEndObject();
    }

    public void WriteArtifact(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("id", Id);
        json.WriteString("name", Package.Name);
        json.WriteBoolean("has_diffoscope", false);
        json.WriteBoolean("has_attestation", Attested is not null);
        json.WriteString("status", Status);
        json.WriteEndObject();
    }

    /// <summary>For <c>debian-repro-status</c>, which asks nothing else.</summary>
    public void WriteRelease(Utf8JsonWriter json, string site)
    {
        json.WriteStartObject();
        json.WriteString("name", Package.Name);
        json.WriteString("version", Package.Version);
        json.WriteString("status", Status);
        json.WriteString("distro", Distribution);
        json.WriteString("suite", Component);
        json.WriteString("architecture", Package.Architecture);
        json.WriteString("artifact_url", Url(site));
        json.WriteNumber("build_id", Id);
        json.WriteString("built_at", Time(Finished));
        json.WriteBoolean("has_diffoscope", false);
        json.WriteBoolean("has_attestation", Attested is not null);
        json.WriteEndObject();
    }

    private string Url(string site) => $"{site}{Href.Apt}/{Package.FileName}";

    private void WriteName(Utf8JsonWriter json)
    {
        json.WriteString("name", Package.Name);
        json.WriteString("version", Package.Version);
        json.WriteString("distribution", Distribution);
        json.WriteString("release", Package.Branch);
    }

    private void WriteSeen(Utf8JsonWriter json)
    {
        json.WriteString("last_seen", Time(Finished));
        json.WriteBoolean("seen_in_last_sync", true);
    }

    /// <summary>UTC without saying so, as rebuilderd has it.</summary>
    private static string Time(Timestamp time) => Wording.Calendar(time).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
}
