using System.Text.RegularExpressions;
using Builder.Publishing.Archives;

namespace Builder.Publishing.Debian;

/// <summary>What the fields of a binary package may hold (deb-control(5)), checked field by field.</summary>
internal static partial class ControlFields
{
    /// <summary>dpkg writes these into its own database and refuses them in a package.</summary>
    private static readonly string[] OfTheStatusFile =
    [
        "Status",
        "Config-Version",
        "Conffiles",
        "Triggers-Pending",
        "Triggers-Awaited",
        "Want",
    ];

    /// <summary>Names of the 1990s that dpkg still reads as other fields, while apt does not.</summary>
    private static readonly string[] Obsolete =
    [
        "Revision",
        "Package-Revision",
        "Package_Revision",
        "Recommended",
        "Optional",
        "Class",
        "MSDOS-Filename",
    ];

    /// <exception cref="PackageException">A field that apt or dpkg could not read, or that each would read in its own way.</exception>
    public static void Check(IReadOnlyList<ControlFile.Field> fields)
    {
        foreach (var field in fields)
            Check(field.Name, field.Value);
        if (Find(fields, "Multi-Arch") == "same" && Find(fields, "Architecture") == "all")
            throw new PackageException("Multi-Arch is \"same\", which a package for all architectures cannot be");
    }

    public static string? Find(IReadOnlyList<ControlFile.Field> fields, string name)
    {
        foreach (var field in fields)
        {
            if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return field.Value;
        }
        return null;
    }

    private static void Check(string name, string value)
    {
        if (OfTheStatusFile.Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new PackageException($"the control file has a field {name}, which is for dpkg's own database");
        if (Obsolete.Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new PackageException($"the control file has a field {name}, which is obsolete: apt and dpkg read it differently");
        if (value.Length == 0)
            return;
        if (RelationField.Names.Contains(name, StringComparer.OrdinalIgnoreCase))
            _ = RelationField.Parse(name, value);
        else if (WhyNot(name, value) is { } needed)
            throw new PackageException($"{name} is \"{ControlFile.Short(value)}\": {needed}");
    }

    /// <summary>What the value must be; null where it is that.</summary>
    private static string? WhyNot(string name, string value) =>
        name.ToUpperInvariant() switch
        {
            "VERSION" => DebianVersion.WhyNot(value),
            "MULTI-ARCH" => value is "no" or "same" or "foreign" or "allowed" ? null : "it must be no, same, foreign or allowed",
            "ESSENTIAL" or "IMPORTANT" or "PROTECTED" or "BUILD-ESSENTIAL" => value is "yes" or "no" ? null : "it must be yes or no",
            "INSTALLED-SIZE" => Digits().IsMatch(value) ? null : "it must be a number of KiB",
            "DESCRIPTION-MD5" => Md5().IsMatch(value)
                ? null
                : "it must be 32 hexadecimal digits; apt refuses the whole repository otherwise",
            "PRIORITY" or "SECTION" => Word().IsMatch(value) ? null : "it must be one word",
            "SOURCE" => SourceForm().Match(value) is { Success: true } match
                ? match.Groups[1] is { Success: true } version
                    ? DebianVersion.WhyNot(version.Value)
                    : null
                : "it must be NAME or NAME (VERSION)",
            _ => null,
        };

    [GeneratedRegex(@"\A[0-9]{1,15}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();

    [GeneratedRegex(@"\A[0-9A-Fa-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Md5();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9+./_-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9+._-]*(?: *\(([^()\s]+)\))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SourceForm();
}
