using System.Diagnostics.CodeAnalysis;

namespace Builder.Analysis.Advisories;

/// <summary>
/// A package and versions of it, as people type it: <c>opam:tls</c>, <c>opam:tls&lt;1.0.4</c>, <c>deb:libgmp10=2:6.2.1*</c>, or a package URL.
/// </summary>
/// <param name="Comparison">One of = != &lt; &lt;= &gt; &gt;=; null for all versions.</param>
/// <param name="Version">Behind = and != a star at the end stands for anything.</param>
public sealed record PackageExpression(Ecosystem Ecosystem, string Name, string? Comparison, string? Version)
{
    public const int MaxLength = 500;

    private static readonly string[] Comparisons = ["<=", ">=", "!=", "<", ">", "="];

    public static bool TryParse(string text, [NotNullWhen(true)] out PackageExpression? expression)
    {
        expression = null;
        if (text.Length > MaxLength)
            return false;
        if (text.StartsWith("pkg:", StringComparison.OrdinalIgnoreCase) && Packages.PackageUrl.TryParse(text, out var url))
            return TryRead(url, out expression);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !EcosystemNames.TryParse(text[..colon], out var ecosystem))
            return false;
        var rest = text[(colon + 1)..].Trim();
        var at = rest.IndexOfAny(['<', '>', '=', '!']);
        var name = (at < 0 ? rest : rest[..at]).TrimEnd();
        if (name.Length == 0)
            return false;
        if (at < 0)
        {
            expression = new PackageExpression(ecosystem, name, null, null);
            return true;
        }
        return TryParse(ecosystem, name, rest[at..], out expression);
    }

    /// <param name="constraint">A comparison with a version, such as <c>&lt;1.0.4</c>.</param>
    public static bool TryParse(Ecosystem ecosystem, string name, string constraint, [NotNullWhen(true)] out PackageExpression? expression)
    {
        expression = null;
        var comparison = Array.Find(Comparisons, sign => constraint.StartsWith(sign, StringComparison.Ordinal));
        if (comparison is null || constraint.Length > MaxLength || constraint[comparison.Length..].Trim() is not { Length: > 0 } version)
            return false;
        expression = new PackageExpression(ecosystem, name, comparison, version);
        return true;
    }

    /// <summary>Whether a version is among them; one that is not known never is, unless all are.</summary>
    public bool Contains(string? version)
    {
        if (Comparison is null || Version is null)
            return true;
        if (version is null)
            return false;
        if (Comparison is "=" or "!=" && Version.EndsWith('*'))
            return version.StartsWith(Version[..^1], StringComparison.Ordinal) == (Comparison == "=");
        var order = EcosystemVersion.Compare(Ecosystem, version, Version);
        return Comparison switch
        {
            "=" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    public override string ToString() => $"{EcosystemNames.NameOf(Ecosystem)}:{Name}{Comparison}{Version}";

    private static bool TryRead(Packages.PackageUrl url, [NotNullWhen(true)] out PackageExpression? expression)
    {
        expression = null;
        Ecosystem? ecosystem = url.Type switch
        {
            Packages.PackageUrl.OpamType => Advisories.Ecosystem.Opam,
            Packages.PackageUrl.DebianType => Advisories.Ecosystem.Debian,
            Packages.PackageUrl.CargoType => Advisories.Ecosystem.Cargo,
            Packages.PackageUrl.GoType => Advisories.Ecosystem.Go,
            _ => null,
        };
        if (ecosystem is not { } known)
            return false;
        var name = known == Advisories.Ecosystem.Go && url.Namespace is not null ? $"{url.Namespace}/{url.Name}" : url.Name;
        expression = new PackageExpression(known, name, url.Version is null ? null : "=", url.Version);
        return true;
    }
}
