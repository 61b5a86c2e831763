using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Builder.Analysis.Advisories;

namespace Builder.Proof.Sbom;

/// <summary>
/// Which advisories name packages of a build, and which of them the operator says do not affect it: as OpenVEX 0.2.0 and as a CycloneDX document that
/// refers to the list of components, which stays the same while advisories come and go.
/// </summary>
public sealed class VexDocument(SbomDocument sbom, ImmutableArray<VexStatement> statements)
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.Default };

    private string Page => sbom.Build.Page?.AbsoluteUri ?? $"urn:uuid:{sbom.Build.Uuid:D}";

    /// <summary>The last change: the end of the build, or what was said since.</summary>
    private string Moment =>
        SbomDocument.Moment(
            statements.Select(static statement => statement.SaidAt).Append(sbom.Build.Finished).Max() ?? DateTimeOffset.UnixEpoch
        );

    /// <summary>github.com/openvex/spec, version 0.2.0.</summary>
    public byte[] ToOpenVex() =>
        Write(json =>
        {
            json.WriteString("@context", "https://openvex.dev/ns/v0.2.0");
            json.WriteString("@id", $"{Page}#openvex");
            json.WriteString("author", sbom.Build.Page?.Authority ?? "builder");
            json.WriteString("timestamp", Moment);
            json.WriteNumber("version", 1);
            json.WriteString("tooling", "builder");
            json.WriteStartArray("statements");
            foreach (var statement in statements)
            {
                json.WriteStartObject();
                WriteOpenVex(json, statement);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    /// <summary>CycloneDX 1.6: vulnerabilities alone, each with a BOM-Link to the component in the list of components.</summary>
    public byte[] ToCycloneDx() =>
        Write(json =>
        {
            json.WriteString("bomFormat", "CycloneDX");
            json.WriteString("specVersion", "1.6");
            json.WriteString("serialNumber", $"urn:uuid:{sbom.UuidFor("vex")}");
            json.WriteNumber("version", 1);
            json.WriteStartObject("metadata");
            json.WriteString("timestamp", Moment);
            json.WriteEndObject();
            json.WriteStartArray("vulnerabilities");
            foreach (var statement in statements)
            {
                json.WriteStartObject();
                WriteCycloneDx(json, statement);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    private void WriteOpenVex(Utf8JsonWriter json, VexStatement statement)
    {
        var (advisory, package) = (statement.Match.Advisory, statement.Match.Package);
        json.WriteStartObject("vulnerability");
        json.WriteString("name", advisory.Id);
        if (!advisory.Aliases.IsEmpty)
        {
            json.WriteStartArray("aliases");
            foreach (var alias in advisory.Aliases)
                json.WriteStringValue(alias);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteStartArray("products");
        json.WriteStartObject();
        json.WriteString("@id", Page);
        json.WriteStartObject("hashes");
        json.WriteString("sha-256", sbom.Build.Main.Hash.ToString());
        json.WriteEndObject();
        json.WriteStartArray("subcomponents");
        json.WriteStartObject();
        json.WriteString("@id", package.Url.ToString());
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        if (statement.NotAffectedBecause is { } because)
        {
            json.WriteString("status", "not_affected");
            json.WriteString("impact_statement", because);
            if (statement.SaidAt is { } time)
                json.WriteString("timestamp", SbomDocument.Moment(time));
            return;
        }
        json.WriteString("status", "affected");
        json.WriteString("action_statement", Action(statement.Match));
        if (Observation(statement.Match) is { } observation)
            json.WriteString("status_notes", observation);
    }

    private void WriteCycloneDx(Utf8JsonWriter json, VexStatement statement)
    {
        var (advisory, package) = (statement.Match.Advisory, statement.Match.Package);
        json.WriteString("id", advisory.Id);
        if (!advisory.Aliases.IsEmpty)
        {
            json.WriteStartArray("references");
            foreach (var alias in advisory.Aliases.Distinct(StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("id", alias);
                json.WriteStartObject("source");
                json.WriteString("name", alias.Split('-')[0]);
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (advisory.Severity is { } vector)
        {
            json.WriteStartArray("ratings");
            json.WriteStartObject();
            json.WriteString("method", Method(vector));
            json.WriteString("vector", vector);
            json.WriteEndObject();
            json.WriteEndArray();
        }
        json.WriteString("description", advisory.Title);
        json.WriteString("recommendation", Action(statement.Match));
        json.WriteStartObject("analysis");
        json.WriteString("state", statement.NotAffectedBecause is null ? "in_triage" : "not_affected");
        if ((statement.NotAffectedBecause ?? Observation(statement.Match)) is { } detail)
            json.WriteString("detail", detail);
        json.WriteEndObject();
        json.WriteStartArray("affects");
        json.WriteStartObject();
        json.WriteString("ref", $"urn:cdx:{sbom.UuidFor("cyclonedx")}/1#{Uri.EscapeDataString(package.Url.ToString())}");
        if (package.Version is { } version)
        {
            json.WriteStartArray("versions");
            json.WriteStartObject();
            json.WriteString("version", version);
            json.WriteString("status", statement.NotAffectedBecause is null ? "affected" : "unaffected");
            json.WriteEndObject();
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static string Method(string vector) =>
        vector.StartsWith("CVSS:4", StringComparison.Ordinal) ? "CVSSv4"
        : vector.StartsWith("CVSS:3.1", StringComparison.Ordinal) ? "CVSSv31"
        : vector.StartsWith("CVSS:3", StringComparison.Ordinal) ? "CVSSv3"
        : vector.StartsWith("AV:", StringComparison.Ordinal) ? "CVSSv2"
        : "other";

    private static string Action(AdvisoryMatch match) =>
        match.Fixed is { } version
            ? $"Build again with {match.Package.Name} {version} or later."
            : "The advisory names no version without the fault.";

    /// <summary>What was found in the binary: an observation, no promise.</summary>
    private static string? Observation(AdvisoryMatch match) =>
        match.IsModuleLinked switch
        {
            true => "An affected module is linked into the main binary.",
            false => "The build contains the package; none of the affected modules is linked into the main binary.",
            null => null,
        };

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
