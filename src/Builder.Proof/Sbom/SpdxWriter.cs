using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Builder.Analysis.Opam;
using Builder.Proof.Statements;

namespace Builder.Proof.Sbom;

/// <summary>Writes SPDX 2.3 (ISO/IEC 5962) as JSON.</summary>
internal sealed class SpdxWriter
{
    private const string Document = "SPDXRef-DOCUMENT";
    private const string NoAssertion = "NOASSERTION";

    private readonly SbomDocument _document;
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal) { Document };

    public SpdxWriter(SbomDocument document)
    {
        _document = document;
        _ids.Add(SbomDocument.MainReference, NewId(SbomDocument.MainReference));
        foreach (var component in document.Components)
            _ids.Add(component.Reference, NewId(IdText(component)));
    }

    private string Main => _ids[SbomDocument.MainReference];

    public byte[] Write()
    {
        using (var json = new Utf8JsonWriter(_output, new JsonWriterOptions { Encoder = JsonText.Plain }))
            Write(json);
        return _output.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        var build = _document.Build;
        json.WriteStartObject();
        json.WriteString("spdxVersion", "SPDX-2.3");
        json.WriteString("dataLicense", "CC0-1.0");
        json.WriteString("SPDXID", Document);
        json.WriteString("name", $"{build.Job} {build.Uuid}");
        json.WriteString("documentNamespace", $"urn:uuid:{_document.UuidFor("spdx")}");
        json.WriteStartObject("creationInfo");
        json.WriteString("created", _document.Created);
        json.WriteStartArray("creators");
        json.WriteStringValue($"Tool: builder-sbom-{SbomDocument.FormatVersion.ToString(CultureInfo.InvariantCulture)}");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("packages");
        WriteMain(json);
        foreach (var component in _document.Components)
            WritePackage(json, component);
        json.WriteEndArray();
        WriteLicenses(json);
        json.WriteStartArray("relationships");
        WriteRelationships(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteMain(Utf8JsonWriter json)
    {
        var build = _document.Build;
        json.WriteStartObject();
        json.WriteString("SPDXID", Main);
        json.WriteString("name", _document.FileName);
        if (_document.Version is { } version)
            json.WriteString("versionInfo", version);
        json.WriteString("packageFileName", build.Main.Name);
        json.WriteString("primaryPackagePurpose", build.Unikernel is null ? "APPLICATION" : "FIRMWARE");
        json.WriteString("downloadLocation", build.Page is { } page ? $"{page.AbsoluteUri}/main-binary" : NoAssertion);
        WriteCommon(json, [new OpamHash("sha256", build.Main.Hash.ToString())], []);
        json.WriteString("comment", Description());
        json.WriteEndObject();
    }

    private string Description()
    {
        var build = _document.Build;
        var text = new StringBuilder($"Build {build.Uuid} of job {build.Job} on {build.Platform}.");
        if (build.Unikernel is { } unikernel)
        {
            text.Append(CultureInfo.InvariantCulture, $" Solo5 {unikernel.TargetName}, ABI {unikernel.AbiVersion}; devices:");
            text.Append(unikernel.Devices.IsEmpty ? " none" : "");
            text.AppendJoin(',', unikernel.Devices.Select(device => $" {device.TypeName} {device.Name}"));
            text.Append('.');
        }
        return text.ToString();
    }

    private void WritePackage(Utf8JsonWriter json, SbomComponent component)
    {
        json.WriteStartObject();
        json.WriteString("SPDXID", _ids[component.Reference]);
        json.WriteString("name", component.Name);
        if (component.Version is { } version)
            json.WriteString("versionInfo", version);
        json.WriteString(
            "primaryPackagePurpose",
            component.Origin == SbomOrigin.Input ? "SOURCE"
                : component.IsBuildTool || component.IsCompiler ? "APPLICATION"
                : "LIBRARY"
        );
        json.WriteString("downloadLocation", component.Source?.SpdxLocation ?? NoAssertion);
        WriteCommon(json, component.Hashes.IsEmpty ? component.Source?.Hashes ?? [] : component.Hashes, component.Licenses);
        if (!component.LinkedModules.IsEmpty)
            json.WriteString("comment", $"Linked modules: {string.Join(' ', component.LinkedModules)}");
        if (component.IsVersionFromUrl)
            json.WriteString("sourceInfo", "Vendored with opam-monorepo; the version is that of the source's file name.");
        if (component.PackageUrl is { } packageUrl)
        {
            json.WriteStartArray("externalRefs");
            json.WriteStartObject();
            json.WriteString("referenceCategory", "PACKAGE-MANAGER");
            json.WriteString("referenceType", "purl");
            json.WriteString("referenceLocator", packageUrl.ToString());
            json.WriteEndObject();
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteCommon(Utf8JsonWriter json, ImmutableArray<OpamHash> hashes, ImmutableArray<SbomLicense> licenses)
    {
        json.WriteBoolean("filesAnalyzed", false);
        if (!hashes.IsEmpty)
        {
            json.WriteStartArray("checksums");
            foreach (var hash in hashes)
            {
                json.WriteStartObject();
                json.WriteString("algorithm", hash.Kind.ToUpperInvariant());
                json.WriteString("checksumValue", hash.Hex);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteString("licenseConcluded", NoAssertion);
        json.WriteString("licenseDeclared", SpdxLicense.All(licenses));
        json.WriteString("copyrightText", NoAssertion);
    }

    private void WriteLicenses(Utf8JsonWriter json)
    {
        var others = _document
            .Components.SelectMany(component => component.Licenses)
            .Where(license => license.Expression is null)
            .DistinctBy(license => license.Written)
            .ToList();
        if (others.Count == 0)
            return;
        json.WriteStartArray("hasExtractedLicensingInfos");
        foreach (var license in others)
        {
            json.WriteStartObject();
            json.WriteString("licenseId", SpdxLicense.Reference(license));
            json.WriteString("name", license.Written);
            json.WriteString("extractedText", license.Written.Length == 0 ? "(empty)" : license.Written);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void WriteRelationships(Utf8JsonWriter json)
    {
        WriteRelationship(json, Document, "DESCRIBES", Main);
        foreach (var dependency in _document.Dependencies)
            WriteRelationship(json, Main, "DEPENDS_ON", _ids[dependency]);
        foreach (var component in _document.Components)
        {
            var id = _ids[component.Reference];
            if (!component.LinkedModules.IsEmpty)
                WriteRelationship(json, Main, "STATIC_LINK", id);
            if (component.Origin is SbomOrigin.Input)
                WriteRelationship(json, Main, "GENERATED_FROM", id);
            else if (component.IsBuildTool || component.IsCompiler)
                WriteRelationship(json, id, "BUILD_TOOL_OF", Main);
            foreach (var dependency in component.Dependencies)
                WriteRelationship(json, id, "DEPENDS_ON", _ids[dependency]);
        }
    }

    private static void WriteRelationship(Utf8JsonWriter json, string from, string type, string to)
    {
        json.WriteStartObject();
        json.WriteString("spdxElementId", from);
        json.WriteString("relationshipType", type);
        json.WriteString("relatedSpdxElement", to);
        json.WriteEndObject();
    }

    private static string IdText(SbomComponent component) =>
        component.Origin switch
        {
            SbomOrigin.Opam => $"opam-{component.Name}",
            SbomOrigin.System => $"system-{component.Name}",
            _ => component.Reference,
        };

    /// <summary>Letters, digits, dots and dashes, never twice the same.</summary>
    private string NewId(string text)
    {
        const int MaxLength = 200;
        var id = new StringBuilder("SPDXRef-");
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
            id.Append(char.IsAsciiLetterOrDigit(character) || character is '-' or '.' ? character : '-');
        var plain = id.ToString();
        return _taken.Add(plain) ? plain : Numbered(plain);
    }

    private string Numbered(string plain)
    {
        // The count of all ids before it: found in one step, however many are alike.
        for (var number = _taken.Count; ; number++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{plain}.{number}");
            if (_taken.Add(id))
                return id;
        }
    }
}
