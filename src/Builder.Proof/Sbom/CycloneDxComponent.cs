using System.Collections.Immutable;
using System.Text.Json;
using Builder.Analysis.Opam;

namespace Builder.Proof.Sbom;

/// <summary>Writes one component of CycloneDX 1.6.</summary>
internal static class CycloneDxComponent
{
    public static void Write(Utf8JsonWriter json, SbomComponent component)
    {
        json.WriteStartObject();
        json.WriteString("type", TypeOf(component));
        json.WriteString("bom-ref", component.Reference);
        json.WriteString("name", component.Name);
        if (component.Version is { } version)
            json.WriteString("version", version);
        json.WriteString("scope", component.IsBuildTool || component.Origin == SbomOrigin.Input ? "excluded" : "required");
        WriteHashes(json, component.Hashes);
        WriteLicenses(json, component.Licenses);
        if (component.PackageUrl is { } packageUrl)
            json.WriteString("purl", packageUrl.ToString());
        WriteReferences(json, component);
        json.WriteStartArray("properties");
        WriteProperty(json, "builder:origin", OriginOf(component.Origin));
        if (component.IsCompiler)
            WriteProperty(json, "builder:compiler", "true");
        if (component.IsVersionFromUrl)
            WriteProperty(json, "builder:version-from", "source URL");
        if (!component.LinkedModules.IsEmpty)
            WriteProperty(json, "builder:linked-modules", string.Join(' ', component.LinkedModules));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteHashes(Utf8JsonWriter json, ImmutableArray<OpamHash> hashes)
    {
        if (hashes.IsEmpty)
            return;
        json.WriteStartArray("hashes");
        foreach (var hash in hashes)
        {
            json.WriteStartObject();
            json.WriteString("alg", AlgorithmOf(hash));
            json.WriteString("content", hash.Hex);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static void WriteProperty(Utf8JsonWriter json, string name, string value)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("value", value);
        json.WriteEndObject();
    }

    private static string TypeOf(SbomComponent component) =>
        component switch
        {
            { Origin: SbomOrigin.Input } => "file",
            { IsBuildTool: true } or { IsCompiler: true } => "application",
            _ => "library",
        };

    private static string OriginOf(SbomOrigin origin) =>
        origin switch
        {
            SbomOrigin.Opam => "opam",
            SbomOrigin.Duniverse => "duniverse",
            SbomOrigin.System => "system-packages",
            _ => "build-inputs",
        };

    private static string AlgorithmOf(OpamHash hash) =>
        hash.Kind switch
        {
            "sha256" => "SHA-256",
            "sha512" => "SHA-512",
            _ => "MD5",
        };

    /// <summary>One expression alone, or a list of licences: the format has no list of expressions.</summary>
    private static void WriteLicenses(Utf8JsonWriter json, ImmutableArray<SbomLicense> licenses)
    {
        if (licenses.IsEmpty)
            return;
        json.WriteStartArray("licenses");
        if (
            licenses.All(license => license.Expression is not null)
            && licenses.Any(license => license.Expression is { IsIdentifier: false })
        )
        {
            json.WriteStartObject();
            json.WriteString("expression", SpdxLicense.All(licenses));
            json.WriteEndObject();
        }
        else
        {
            foreach (var license in licenses.DistinctBy(license => license.Expression?.Text ?? license.Written))
            {
                json.WriteStartObject();
                json.WriteStartObject("license");
                json.WriteString(license.Expression is { IsIdentifier: true } ? "id" : "name", license.Expression?.Text ?? license.Written);
                json.WriteEndObject();
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
    }

    private static void WriteReferences(Utf8JsonWriter json, SbomComponent component)
    {
        if (component.Source is null && component.Repository is null && component.ExtraSources.IsEmpty)
            return;
        json.WriteStartArray("externalReferences");
        if (component.Source is { } source)
            WriteReference(json, source.IsRepository ? "vcs" : "source-distribution", source);
        foreach (var extra in component.ExtraSources)
            WriteReference(json, "other", extra);
        if (component.Repository is { } repository && repository != component.Source?.Url)
            WriteReference(json, "vcs", new SbomSource(repository, []));
        json.WriteEndArray();
    }

    private static void WriteReference(Utf8JsonWriter json, string type, SbomSource source)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteString("url", source.Url);
        WriteHashes(json, source.Hashes);
        json.WriteEndObject();
    }
}
