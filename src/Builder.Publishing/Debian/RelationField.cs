using System.Text.RegularExpressions;
using Builder.Publishing.Archives;

namespace Builder.Publishing.Debian;

/// <summary>
/// Reads the fields that name other packages (deb-control(5), Debian Policy 7.1), as strictly as dpkg and apt together: one
/// malformed field in an index makes apt refuse all packages of all repositories.
/// </summary>
internal static partial class RelationField
{
    /// <summary>All such fields of a binary package.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "Depends",
        "Pre-Depends",
        "Recommends",
        "Suggests",
        "Enhances",
        "Conflicts",
        "Breaks",
        "Replaces",
        "Provides",
        "Built-Using",
        "Static-Built-Using",
    ];

    /// <summary>In these each name stands for itself: <c>|</c> has no meaning.</summary>
    private static readonly string[] WithoutAlternatives =
    [
        "Conflicts",
        "Breaks",
        "Replaces",
        "Provides",
        "Built-Using",
        "Static-Built-Using",
    ];

    /// <summary>The packages that the field names, in its order; none for an empty value.</summary>
    /// <exception cref="PackageException">dpkg or apt could not read it; the message says where.</exception>
    public static IReadOnlyList<Relation> Parse(string field, string value)
    {
        if (string.IsNullOrWhiteSpace(value))
            return [];
        var relations = new List<Relation>();
        foreach (var item in value.Split(','))
        {
            var alternatives = item.Split('|');
            if (alternatives.Length > 1 && WithoutAlternatives.Contains(field, StringComparer.OrdinalIgnoreCase))
                throw Malformed(field, item, "alternatives (|) are not possible in this field");
            relations.AddRange(alternatives.Select(text => ParseOne(field, text.Trim(' ', '\t', '\n'), value)));
        }
        return relations;
    }

    private static Relation ParseOne(string field, string text, string whole)
    {
        if (text.Length == 0)
            throw Malformed(field, whole, "a package is missing before or after a \",\" or \"|\"");
        var match = One().Match(text);
        if (!match.Success)
            throw Malformed(field, text, "write NAME, NAME:ARCHITECTURE or NAME (>= VERSION), with commas between them");
        var relation = new Relation(
            match.Groups["name"].Value,
            Group(match, "architecture"),
            Group(match, "operator"),
            Group(match, "version")
        );
        if (relation.Version is null)
            return relation;
        if (DebianVersion.WhyNot(relation.Version) is { } reason)
            throw Malformed(field, text, reason);
        if (field.Equals("Provides", StringComparison.OrdinalIgnoreCase) && relation.Operator is not ("=" or ""))
            throw Malformed(field, text, "a package provides exactly one version: use =");
        return relation;
    }

    private static string? Group(Match match, string name) => match.Groups[name] is { Success: true } group ? group.Value : null;

    private static PackageException Malformed(string field, string text, string reason) =>
        new($"{field} cannot be read at \"{ControlFile.Short(text.Trim())}\": {reason}");

    /// <summary>The operators <c>&lt;</c>, <c>&gt;</c> and none are old; apt and dpkg still take them.</summary>
    [GeneratedRegex(
        @"\A(?<name>[A-Za-z0-9][A-Za-z0-9+._-]*)(?::(?<architecture>[a-z0-9][a-z0-9-]*))?[ \t\n]*(?:\([ \t\n]*(?<operator><<|<=|>=|>>|[<=>]|)[ \t\n]*(?<version>[^()\s<>=]+)[ \t\n]*\))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex One();
}
