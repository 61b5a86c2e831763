using System.Text;
using Builder.Analysis.Comparison;

namespace Builder.Analysis.Advisories;

/// <summary>The packages of an artifact <c>system-packages</c>: <c>NAME=VERSION</c> of Debian, <c>NAME-VERSION</c> of FreeBSD, a line each.</summary>
public static class SystemPackages
{
    private const int MaxLineLength = 1000;

    public static PackageSet Of(ReadOnlySpan<byte> text)
    {
        if (text.Count((byte)'\n') > PackageSet.MaxPackages)
            return new PackageSet([], [$"The system packages are more than {PackageSet.MaxPackages}."]);
        var packages = new List<ContainedPackage>();
        foreach (var range in text.Split((byte)'\n'))
        {
            var bytes = text[range].Trim(" \t\r"u8);
            if (bytes.IsEmpty || bytes.Length > MaxLineLength)
                continue;
            var line = Encoding.UTF8.GetString(bytes);
            if (line.StartsWith(RecordedLists.RootPrefix, StringComparison.Ordinal))
                continue;
            var ecosystem = line.Contains('=', StringComparison.Ordinal) ? Ecosystem.Debian : Ecosystem.FreeBsd;
            var (name, version) = (NamedVersionLines.Package(line).Name, NamedVersionLines.Package(line).Version);
            // dpkg names the architecture of packages of which several can be installed: libc6:amd64.
            if (ecosystem == Ecosystem.Debian && name.IndexOf(':', StringComparison.Ordinal) is var colon and > 0)
                name = name[..colon];
            packages.Add(new ContainedPackage(ecosystem, name, version.Length == 0 ? null : version, PackageWay.System));
        }
        return new PackageSet([.. packages.Distinct()], []);
    }

    /// <summary>Whether the text can be such a list: it is text, and each line names a package and a version.</summary>
    public static bool IsOne(ReadOnlySpan<byte> text)
    {
        var lines = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range].Trim(" \t\r"u8);
            if (line.IsEmpty)
                continue;
            if (line.Length > MaxLineLength || line.IndexOfAnyInRange((byte)0, (byte)' ') >= 0)
                return false;
            var package = NamedVersionLines.Package(Encoding.UTF8.GetString(line));
            if (package.Name.Length == 0 || package.Version.Length == 0 || !package.Version.Any(char.IsAsciiDigit))
                return false;
            lines++;
        }
        return lines > 0;
    }
}
