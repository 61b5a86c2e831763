using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Packages;

/// <summary>
/// A package URL (ECMA-427), <c>pkg:opam/dns@9.1.0</c>: how an SBOM or an advisory names a package. Equality and order are those of its
/// canonical text.
/// </summary>
public sealed class PackageUrl : IEquatable<PackageUrl>, IComparable<PackageUrl>
{
    public const string OpamType = "opam";
    public const string DebianType = "deb";
    public const string GenericType = "generic";
    public const string CargoType = "cargo";
    public const string GoType = "golang";

    /// <summary>Characters; longer texts are not read.</summary>
    public const int MaxLength = 4096;

    private readonly string _text;

    private PackageUrl(
        string type,
        string? @namespace,
        string name,
        string? version,
        ImmutableSortedDictionary<string, string> qualifiers,
        string? subpath
    )
    {
        Type = type;
        Namespace = @namespace;
        Name = name;
        Version = version;
        Qualifiers = qualifiers;
        Subpath = subpath;
        _text = Format();
    }

    /// <summary>Lower case: <c>opam</c>, <c>deb</c>, <c>generic</c>.</summary>
    public string Type { get; }

    /// <summary>Segments apart by slashes, decoded: <c>debian</c>.</summary>
    public string? Namespace { get; }

    public string Name { get; }

    public string? Version { get; }

    /// <summary>Decoded, in the order of their keys.</summary>
    public ImmutableSortedDictionary<string, string> Qualifiers { get; }

    public string? Subpath { get; }

    /// <summary><c>pkg:opam/NAME@VERSION</c></summary>
    public static PackageUrl Opam(string name, string? version) => new(OpamType, null, name, NotEmpty(version), NoQualifiers, null);

    /// <inheritdoc cref="Opam(string, string?)"/>
    public static PackageUrl Opam(PackageId package) => Opam(package.Name.ToString(), package.Version.ToString());

    /// <summary><c>pkg:deb/DISTRIBUTION/NAME@VERSION?arch=…&amp;distro=…</c></summary>
    /// <param name="distribution">The vendor: <c>debian</c>, <c>ubuntu</c>.</param>
    /// <param name="architecture"><c>amd64</c>, or <c>source</c>.</param>
    /// <param name="release"><c>debian-12</c></param>
    public static PackageUrl Debian(string distribution, string name, string? version, string? architecture, string? release) =>
        new(
            DebianType,
            distribution.ToLowerInvariant(),
            name.ToLowerInvariant(),
            NotEmpty(version),
            With(With(NoQualifiers, "arch", architecture), "distro", release),
            null
        );

    /// <summary><c>pkg:generic/NAME@VERSION</c>: for what has no package manager that the specification knows.</summary>
    public static PackageUrl Generic(string name, string? version) => new(GenericType, null, name, NotEmpty(version), NoQualifiers, null);

    /// <summary><c>pkg:cargo/NAME@VERSION</c></summary>
    public static PackageUrl Cargo(string name, string? version) => new(CargoType, null, name, NotEmpty(version), NoQualifiers, null);

    /// <summary><c>pkg:golang/HOST/OWNER/NAME@VERSION</c></summary>
    /// <param name="path">Of the module: <c>golang.org/x/net</c>.</param>
    public static PackageUrl Go(string path, string? version)
    {
        var slash = path.LastIndexOf('/');
        return new PackageUrl(GoType, slash > 0 ? path[..slash] : null, path[(slash + 1)..], NotEmpty(version), NoQualifiers, null);
    }

    /// <param name="key">Lower case letters, digits, <c>.</c>, <c>-</c> and <c>_</c>.</param>
    /// <param name="value">Empty or null: the package URL as it is.</param>
    public PackageUrl WithQualifier(string key, string? value) =>
        new(Type, Namespace, Name, Version, With(Qualifiers, key, value), Subpath);

    /// <summary>Lenient where the specification is: slashes too many, an upper case scheme, qualifiers in any order.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PackageUrl? packageUrl)
    {
        packageUrl = null;
        if (text.Length > MaxLength || !text.StartsWith("pkg:", StringComparison.OrdinalIgnoreCase))
            return false;
        var rest = text[4..].TrimStart('/');
        var subpath = PackageUrlText.CutLast(ref rest, '#');
        var query = PackageUrlText.CutLast(ref rest, '?');
        if (rest.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var slash) || !PackageUrlText.IsType(rest.AsSpan(0, slash)))
            return false;
        var type = rest[..slash].ToLowerInvariant();
        rest = rest[(slash + 1)..].Trim('/');
        // An @ before the last slash belongs to a namespace.
        var version = rest.LastIndexOf('@') > rest.LastIndexOf('/') ? PackageUrlText.CutLast(ref rest, '@') : null;
        if (
            !PackageUrlText.TryDecode(version ?? "", out var decodedVersion)
            || !PackageUrlText.TryReadQualifiers(query, out var qualifiers)
            || !PackageUrlText.TryDecodeSegments(rest, out var names)
            || !PackageUrlText.TryDecodeSegments(subpath ?? "", out var path)
            || names.Length == 0
        )
            return false;
        var name = names[^1];
        var @namespace = names.Length > 1 ? string.Join('/', names[..^1]) : null;
        packageUrl = new PackageUrl(
            type,
            type == DebianType ? @namespace?.ToLowerInvariant() : @namespace,
            type == DebianType ? name.ToLowerInvariant() : name,
            NotEmpty(decodedVersion),
            qualifiers,
            path.Length > 0 ? string.Join('/', path) : null
        );
        return true;
    }

    public override string ToString() => _text;

    public bool Equals(PackageUrl? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as PackageUrl);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    public int CompareTo(PackageUrl? other) => string.CompareOrdinal(_text, other?._text);

    public static bool operator ==(PackageUrl? left, PackageUrl? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(PackageUrl? left, PackageUrl? right) => !(left == right);

    public static bool operator <(PackageUrl left, PackageUrl right) => left.CompareTo(right) < 0;

    public static bool operator <=(PackageUrl left, PackageUrl right) => left.CompareTo(right) <= 0;

    public static bool operator >(PackageUrl left, PackageUrl right) => left.CompareTo(right) > 0;

    public static bool operator >=(PackageUrl left, PackageUrl right) => left.CompareTo(right) >= 0;

    private static ImmutableSortedDictionary<string, string> NoQualifiers => PackageUrlText.NoQualifiers;

    private string Format()
    {
        var text = new StringBuilder("pkg:").Append(Type).Append('/');
        foreach (var segment in PackageUrlText.Segments(Namespace))
            PackageUrlText.AppendEncoded(text, segment).Append('/');
        PackageUrlText.AppendEncoded(text, Name);
        if (Version is not null)
            PackageUrlText.AppendEncoded(text.Append('@'), Version);
        var mark = '?';
        foreach (var (key, value) in Qualifiers)
        {
            PackageUrlText.AppendEncoded(text.Append(mark).Append(key).Append('='), value, keepsSlashes: true);
            mark = '&';
        }
        mark = '#';
        foreach (var segment in PackageUrlText.Segments(Subpath))
        {
            PackageUrlText.AppendEncoded(text.Append(mark), segment);
            mark = '/';
        }
        return text.ToString();
    }

    private static ImmutableSortedDictionary<string, string> With(
        ImmutableSortedDictionary<string, string> qualifiers,
        string key,
        string? value
    ) => string.IsNullOrEmpty(value) ? qualifiers : qualifiers.SetItem(key, value);

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
