using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Builder.Analysis.Comparison;

namespace Builder.Publishing.Debian;

/// <summary>A .buildinfo file: what a build of Debian packages left, and what was installed when it ran (deb-buildinfo(5), format 1.0).</summary>
/// <param name="Packages">At least one. The first one's source package names the file.</param>
/// <param name="Installed">The artifact <c>system-packages</c>; see <see cref="NoPackageOfDebian"/>.</param>
/// <param name="Environment">The artifact <c>build-environment</c>; empty where the build recorded none.</param>
public sealed partial record BuildInfoFile(
    IReadOnlyList<BuiltPackage> Packages,
    DateTimeOffset Finished,
    IReadOnlyList<NamedVersion> Installed,
    IReadOnlyList<NamedVersion> Environment
)
{
    /// <summary>As Debian names it: <c>source_version_architecture.buildinfo</c>. An epoch is left out, as in names of packages.</summary>
    public string FileName
    {
        get
        {
            var version = Packages[0].SourceVersion;
            return $"{Packages[0].Source}_{version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..]}_{BuildArchitecture ?? "all"}.buildinfo";
        }
    }

    /// <summary>The first of a list that is no package of Debian with its version; null where all are.</summary>
    public static NamedVersion? NoPackageOfDebian(IReadOnlyList<NamedVersion> installed) =>
        installed.FirstOrDefault(static package =>
            !PackageName().IsMatch(package.Name) || !Versions(package).All(static version => PackageVersion().IsMatch(version))
        );

    /// <summary>The architecture of the machine as far as it is known: no package that runs everywhere tells it.</summary>
    private string? BuildArchitecture =>
        Packages.Select(static package => package.Architecture).FirstOrDefault(static architecture => architecture != "all")
        ?? Installed
            .Select(static package => package.Name.Split(':'))
            .FirstOrDefault(static parts => parts is ["libc6", not "all"])
            ?.ElementAt(1);

    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        Field("Format", "1.0");
        Field("Source", Packages[0].Source);
        Field("Binary", string.Join(' ', Distinct(static package => package.Package)));
        Field("Architecture", string.Join(' ', Distinct(static package => package.Architecture)));
        Field("Version", Packages[0].SourceVersion);
        Checksums("Md5", static package => package.Md5);
        Checksums("Sha1", static package => package.Sha1);
        Checksums("Sha256", static package => package.Sha256);
        if (BuildArchitecture is { } architecture)
            Field("Build-Architecture", architecture);
        Field("Build-Date", Finished.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture) + " +0000");
        Lines(
            "Installed-Build-Depends",
            Installed.SelectMany(static package => Versions(package).Select(version => $"{package.Name} (= {version})")),
            ","
        );
        var variables = Environment.Where(static variable =>
            VariableName().IsMatch(variable.Name) && !variable.Version.Any(char.IsControl)
        );
        if (variables.Any())
            Lines("Environment", variables.Select(static variable => $"{variable.Name}=\"{Escaped(variable.Version)}\""), "");
        return Encoding.UTF8.GetBytes(text.ToString());

        void Field(string name, string value) => text.Append(name).Append(": ").Append(value).Append('\n');

        void Checksums(string algorithm, Func<BuiltPackage, string> checksum) =>
            Lines(
                $"Checksums-{algorithm}",
                Packages.Select(package =>
                    string.Create(CultureInfo.InvariantCulture, $"{checksum(package)} {package.Size} {package.FileName}")
                ),
                ""
            );

        void Lines(string name, IEnumerable<string> lines, string separator) =>
            text.Append(name).Append(":\n ").AppendJoin(separator + "\n ", lines).Append('\n');
    }

    private IEnumerable<string> Distinct(Func<BuiltPackage, string> value) =>
        Packages.Select(value).Distinct().Order(StringComparer.Ordinal);

    // A package of two architectures stands there once, with both versions.
    private static IEnumerable<string> Versions(NamedVersion package) => package.Version.Split(", ").Distinct(StringComparer.Ordinal);

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.\-]+(:[a-z0-9][a-z0-9\-]*)?\z")]
    private static partial Regex PackageName();

    [GeneratedRegex(@"\A[A-Za-z0-9.+~:\-]+\z")]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariableName();
}
