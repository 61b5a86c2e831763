using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Builder.Analysis.Opam;
using Builder.Proof.Statements;

namespace Builder.Proof.Sbom;

/// <summary>Writes CycloneDX 1.6 (ECMA-424) as JSON. What the format has no field for stands in properties that begin with <c>builder:</c>.</summary>
internal sealed class CycloneDxWriter(SbomDocument document)
{
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);

    public byte[] Write()
    {
        using (var json = new Utf8JsonWriter(_output, new JsonWriterOptions { Encoder = JsonText.Plain }))
            Write(json);
        return _output.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
        json.WriteString("bomFormat", "CycloneDX");
        json.WriteString("specVersion", "1.6");
        json.WriteString("serialNumber", $"urn:uuid:{document.UuidFor("cyclonedx")}");
        json.WriteNumber("version", 1);
        WriteMetadata(json);
        json.WriteStartArray("components");
        foreach (var component in document.Components)
            CycloneDxComponent.Write(json, component);
        json.WriteEndArray();
        WriteDependencies(json);
        WriteFormulation(json);
        WriteVulnerabilities(json);
        json.WriteEndObject();
    }

    private void WriteMetadata(Utf8JsonWriter json)
    {
        json.WriteStartObject("metadata");
        json.WriteString("timestamp", document.Created);
        json.WriteStartArray("lifecycles");
        json.WriteStartObject();
        json.WriteString("phase", "build");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("tools");
        json.WriteStartArray("components");
        json.WriteStartObject();
        json.WriteString("type", "application");
        json.WriteString("name", "builder");
        // Not the program's: a new program that writes the same bytes must not change them.
        json.WriteString("version", $"sbom-{SbomDocument.FormatVersion.ToString(CultureInfo.InvariantCulture)}");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        WriteMain(json);
        json.WriteEndObject();
    }

    private void WriteMain(Utf8JsonWriter json)
    {
        var build = document.Build;
        json.WriteStartObject("component");
        json.WriteString("type", build.Unikernel is null ? "application" : "firmware");
        json.WriteString("bom-ref", SbomDocument.MainReference);
        json.WriteString("name", document.FileName);
        if (document.Version is { } version)
            json.WriteString("version", version);
        CycloneDxComponent.WriteHashes(json, [new OpamHash("sha256", build.Main.Hash.ToString())]);
        if (build.Page is { } page)
        {
            json.WriteStartArray("externalReferences");
            WriteReference(json, "attestation", $"{page.AbsoluteUri}/attestations");
            WriteReference(json, "build-meta", page.AbsoluteUri);
            json.WriteEndArray();
        }
        json.WriteStartArray("properties");
        CycloneDxComponent.WriteProperty(json, "builder:job", build.Job);
        CycloneDxComponent.WriteProperty(json, "builder:build", build.Uuid.ToString());
        CycloneDxComponent.WriteProperty(json, "builder:platform", build.Platform);
        CycloneDxComponent.WriteProperty(json, "builder:path", build.Main.Name);
        if (build.Switch?.Roots is { IsEmpty: false } roots)
            CycloneDxComponent.WriteProperty(json, "builder:opam-root", string.Join(' ', roots));
        if (build.Unikernel is { } unikernel)
        {
            CycloneDxComponent.WriteProperty(json, "builder:solo5:target", unikernel.TargetName);
            CycloneDxComponent.WriteProperty(json, "builder:solo5:abi", unikernel.AbiVersion.ToString(CultureInfo.InvariantCulture));
            foreach (var device in unikernel.Devices)
                CycloneDxComponent.WriteProperty(json, "builder:solo5:device", $"{device.TypeName} {device.Name}");
        }
        if (build.Linked is { IsEmpty: false } linked)
            CycloneDxComponent.WriteProperty(json, "builder:linked-modules", string.Join(' ', linked.All));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteDependencies(Utf8JsonWriter json)
    {
        json.WriteStartArray("dependencies");
        WriteDependency(json, SbomDocument.MainReference, document.Dependencies);
        foreach (var component in document.Components)
            WriteDependency(json, component.Reference, component.Dependencies);
        json.WriteEndArray();
    }

    private static void WriteDependency(Utf8JsonWriter json, string reference, ImmutableArray<string> dependencies)
    {
        json.WriteStartObject();
        json.WriteString("ref", reference);
        if (!dependencies.IsEmpty)
        {
            json.WriteStartArray("dependsOn");
            foreach (var dependency in dependencies)
                json.WriteStringValue(dependency);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private void WriteFormulation(Utf8JsonWriter json)
    {
        json.WriteStartArray("formulation");
        json.WriteStartObject();
        json.WriteStartArray("workflows");
        json.WriteStartObject();
        json.WriteString("bom-ref", "build");
        json.WriteString("uid", document.Build.Uuid.ToString());
        json.WriteStartArray("taskTypes");
        json.WriteStringValue("build");
        json.WriteEndArray();
        if (document.Build.Started is { } started)
            json.WriteString("timeStart", SbomDocument.Moment(started));
        if (document.Build.Finished is { } finished)
            json.WriteString("timeEnd", SbomDocument.Moment(finished));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteVulnerabilities(Utf8JsonWriter json)
    {
        if (document.Build.Vulnerabilities.IsEmpty)
            return;
        json.WriteStartArray("vulnerabilities");
        foreach (var vulnerability in document.Build.Vulnerabilities)
        {
            json.WriteStartObject();
            json.WriteString("id", vulnerability.Id);
            if (vulnerability.Source is { } source)
            {
                json.WriteStartObject("source");
                json.WriteString("url", source.AbsoluteUri);
                json.WriteEndObject();
            }
            json.WriteStartObject("analysis");
            json.WriteString("state", vulnerability.State);
            if (vulnerability.Justification is { } justification)
                json.WriteString("justification", justification);
            if (vulnerability.Detail is { } detail)
                json.WriteString("detail", detail);
            json.WriteEndObject();
            json.WriteStartArray("affects");
            foreach (var component in document.Components.Where(component => vulnerability.Affects.Any(component.IsOf)))
            {
                json.WriteStartObject();
                json.WriteString("ref", component.Reference);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteReference(Utf8JsonWriter json, string type, string url)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteString("url", url);
        json.WriteEndObject();
    }
}
