using System.Globalization;
using System.Text;
using Builder.Publishing.Packages;

namespace Builder.Publishing.Debian;

/// <summary>A package in an index: its paragraph, ready to be written, with the empty line after it.</summary>
internal sealed record IndexEntry(string Name, string Version, ReadOnlyMemory<byte> Paragraph)
{
    /// <summary>Fields that the index gives its own values; a package's own are left out. So are empty ones: old versions of apt refuse them.</summary>
    private static readonly HashSet<string> Ours = new(StringComparer.OrdinalIgnoreCase)
    {
        "Package",
        "Version",
        "Filename",
        "Size",
        "MD5sum",
        "SHA1",
        "SHA256",
        "SHA512",
        "Builder-Job",
        "Builder-Uuid",
    };

    public static IndexEntry Make(ControlFile control, string version, string fileName, long size, string sha256, PublishableBuild build)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Package: {control.Package}\nVersion: {version}\n");
        foreach (var field in control.Fields.Where(field => field.Value.Length > 0 && !Ours.Contains(field.Name)))
            text.Append(CultureInfo.InvariantCulture, $"{field.Name}: {field.Value}\n");
        text.Append(CultureInfo.InvariantCulture, $"Filename: {fileName}\nSize: {size}\nSHA256: {sha256}\n");
        text.Append(CultureInfo.InvariantCulture, $"Builder-Job: {build.Job}\nBuilder-Uuid: {build.Uuid}\n\n");
        return new IndexEntry(control.Package, version, Encoding.UTF8.GetBytes(text.ToString()));
    }

    public PublishedPackage ToPackage(string distribution) =>
        new(
            distribution,
            Name,
            Version,
            Field("Architecture: "u8),
            Field("Filename: "u8),
            Field("Builder-Job: "u8),
            Field("Builder-Uuid: "u8),
            PublishedVersion.TryParse(Version, out _, out var sha256) ? sha256 : null
        );

    public string Field(ReadOnlySpan<byte> nameAndColon) => PackagesIndex.Field(Paragraph.Span, nameAndColon);
}
