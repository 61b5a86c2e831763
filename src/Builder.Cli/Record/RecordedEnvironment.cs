using System.Text;
using Builder.Cli.Recording;

namespace Builder.Cli.Record;

/// <summary>
/// The artifact <c>build-environment</c>. Only variables that are known to matter to compilers and packers are written, and those that the
/// script names: an environment may hold passwords, and builds are published.
/// </summary>
internal static class RecordedEnvironment
{
    /// <summary>As dpkg-genbuildinfo has them, as far as they are not paths of a home.</summary>
    private static readonly string[] Usual =
    [
        "AR",
        "ARFLAGS",
        "AS",
        "CC",
        "CFLAGS",
        "CPP",
        "CPPFLAGS",
        "CXX",
        "CXXFLAGS",
        "DEB_BUILD_MAINT_OPTIONS",
        "DEB_BUILD_OPTIONS",
        "DEB_BUILD_PROFILES",
        "FC",
        "FFLAGS",
        "GOFLAGS",
        "GOOS",
        "GOARCH",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_COLLATE",
        "LC_CTYPE",
        "LC_MESSAGES",
        "LC_NUMERIC",
        "LC_TIME",
        "LD",
        "LDFLAGS",
        "MAKEFLAGS",
        "OCAMLPARAM",
        "RUSTFLAGS",
        "SOURCE_DATE_EPOCH",
        "TZ",
    ];

    /// <returns>Lines of <c>KEY=VALUE</c>, sorted; line ends in values become spaces.</returns>
    public static byte[] Write(IEnumerable<string> more, Func<string, string?> variables)
    {
        var lines = new SortedDictionary<string, string>(HostFacts.OfThisMachine().Variables.ToDictionary(), StringComparer.Ordinal);
        foreach (var name in Usual.Concat(more))
        {
            if (variables(name) is { } value)
                lines[name] = value.ReplaceLineEndings(" ");
        }
        return Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line => $"{line.Key}={line.Value}\n")));
    }
}
