using System.Collections.Immutable;
using System.Text.Json;

namespace Builder.Analysis.Advisories;

/// <summary>An advisory in the Open Source Vulnerability format, ossf.github.io/osv-schema, version 1.7.</summary>
public static class OsvAdvisory
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    /// <param name="file">For messages.</param>
    /// <exception cref="AdvisoryException">It is no advisory.</exception>
    public static Advisory Read(ReadOnlyMemory<byte> bytes, string file)
    {
        if (bytes.Length > AdvisoryLimits.MaxFileLength)
            throw new AdvisoryException($"{file}: an advisory has at most {AdvisoryLimits.MaxFileLength >> 20} MiB");
        if (bytes.Span.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        try
        {
            using var document = JsonDocument.Parse(bytes, Options);
            return Read(document.RootElement, file);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second: a text with half a surrogate, or bytes that are not UTF-8.
            throw new AdvisoryException($"{file}: not an OSV file: {exception.Message}");
        }
    }

    private static Advisory Read(JsonElement root, string file)
    {
        if (root.ValueKind != JsonValueKind.Object || OsvJson.Text(root, "id") is not { } id)
            throw new AdvisoryException($"{file}: not an OSV file: the field id is missing");
        if (!AdvisoryId.IsValid(id))
            throw new AdvisoryException($"{file}: the id {AdvisoryText.Quote(id)} is not made of letters, digits and . _ : -");
        var affected = OsvJson.Items(root, "affected", file).ToList();
        return new Advisory(
            id,
            AdvisoryText.Short(OsvJson.Text(root, "summary") is { Length: > 0 } summary ? summary : id),
            OsvJson.Text(root, "published"),
            OsvJson.Text(root, "modified"),
            OsvJson.Text(root, "withdrawn"),
            OsvJson.Texts(root, "aliases", file),
            Severity(root, file)
                ?? affected.Select(element => Severity(element, file)).FirstOrDefault(static severity => severity is not null),
            null,
            [
                .. affected
                    .Select(element => OsvAffected.Read(element, file))
                    .OfType<AffectedPackage>()
                    .Select(static package => ImmutableArray.Create(package)),
            ],
            [.. affected.SelectMany(element => Bindings(element, file)).Distinct(StringComparer.Ordinal)],
            [.. OsvJson.Items(root, "references", file).Select(static reference => OsvJson.Text(reference, "url")).OfType<string>()],
            OsvJson.LongText(root, "details") ?? ""
        );
    }

    /// <summary>The vector of the newest CVSS.</summary>
    private static string? Severity(JsonElement element, string file) =>
        OsvJson
            .Items(element, "severity", file)
            .OrderByDescending(static severity => OsvJson.Text(severity, "type"), StringComparer.Ordinal)
            .Select(static severity => OsvJson.Text(severity, "score"))
            .FirstOrDefault(static score => score is not null);

    private static ImmutableArray<string> Bindings(JsonElement affected, string file) =>
        OsvJson.Member(affected, "ecosystem_specific") is { ValueKind: JsonValueKind.Object } specific
            ? OsvJson.Texts(specific, "affected_bindings", file)
            : [];
}
