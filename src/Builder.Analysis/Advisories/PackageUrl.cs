using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Builder.Analysis.Advisories;

/// <summary>A package URL (github.com/package-url/purl-spec), the name of a package outside: <c>pkg:opam/tls@1.0.4</c>.</summary>
/// <param name="Qualifiers">What follows <c>?</c>, percent-encoded, without the sign; null where there is none.</param>
public sealed record PackageUrl(string Type, string? Namespace, string Name, string? Version, string? Qualifiers = null)
{
    private const int MaxLength = 4096;

    public static PackageUrl Of(Ecosystem ecosystem, string name, string? version) =>
        ecosystem switch
        {
            Ecosystem.Opam => new PackageUrl("opam", null, name, version),
            Ecosystem.Debian => new PackageUrl("deb", "debian", name, version),
            Ecosystem.Cargo => new PackageUrl("cargo", null, name, version),
            Ecosystem.Go when name.LastIndexOf('/') is var slash and > 0 => new PackageUrl(
                "golang",
                name[..slash],
                name[(slash + 1)..],
                version
            ),
            Ecosystem.Go => new PackageUrl("golang", null, name, version),
            // FreeBSD has no type of its own.
            Ecosystem.FreeBsd => new PackageUrl("generic", "freebsd", name, version),
            _ => new PackageUrl("generic", null, name, version),
        };

    public override string ToString()
    {
        var text = new StringBuilder("pkg:").Append(Type).Append('/');
        if (Namespace is not null)
            text.AppendJoin('/', Namespace.Split('/').Select(Encode)).Append('/');
        text.Append(Encode(Name));
        if (!string.IsNullOrEmpty(Version))
            text.Append('@').Append(Encode(Version));
        if (Qualifiers is not null)
            text.Append('?').Append(Qualifiers);
        return text.ToString();
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out PackageUrl? url)
    {
        url = null;
        if (text.Length > MaxLength || !text.StartsWith("pkg:", StringComparison.OrdinalIgnoreCase))
            return false;
        var rest = text[4..].TrimStart('/');
        if (rest.IndexOf('#', StringComparison.Ordinal) is var sharp and >= 0)
            rest = rest[..sharp];
        var qualifiers = Cut(ref rest, rest.IndexOf('?', StringComparison.Ordinal));
        // A scope such as @angular is written %40angular, so that the last @ begins the version.
        var version = Cut(ref rest, rest.LastIndexOf('@'));
        var parts = rest.Trim('/').Split('/');
        if (parts.Length < 2 || parts.Any(static part => part.Length == 0) || !IsType(parts[0]))
            return false;
        url = new PackageUrl(
            parts[0].ToLowerInvariant(),
            parts.Length > 2 ? string.Join('/', parts[1..^1].Select(Uri.UnescapeDataString)) : null,
            Uri.UnescapeDataString(parts[^1]),
            version is null ? null : Uri.UnescapeDataString(version),
            qualifiers
        );
        return true;
    }

    private static string? Cut(ref string text, int at)
    {
        if (at < 0)
            return null;
        var behind = text[(at + 1)..];
        text = text[..at];
        return behind;
    }

    private static bool IsType(string type) =>
        char.IsAsciiLetter(type[0]) && type.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '-');

    // The colon of an epoch stays, all else that is not unreserved is encoded.
    private static string Encode(string text) => Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal);
}
