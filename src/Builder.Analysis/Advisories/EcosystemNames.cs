namespace Builder.Analysis.Advisories;

/// <summary>The names of ecosystems in commands, addresses and the index, and in OSV files.</summary>
public static class EcosystemNames
{
    public static IReadOnlyList<string> All { get; } = ["opam", "deb", "pkg", "cargo", "golang", "sources", "module", "lib"];

    public static string NameOf(Ecosystem ecosystem) => All[(int)ecosystem];

    public static bool TryParse(string name, out Ecosystem ecosystem)
    {
        for (var index = 0; index < All.Count; index++)
        {
            if (All[index] == name)
            {
                ecosystem = (Ecosystem)index;
                return true;
            }
        }
        ecosystem = default;
        return false;
    }

    /// <summary>
    /// The ecosystem of an OSV file, such as <c>opam</c> or <c>Debian:12</c>; false for those that no build of ours contains.
    /// </summary>
    /// <param name="release">What follows the colon; null without one.</param>
    public static bool TryParseOsv(string name, out Ecosystem ecosystem, out string? release)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        release = colon < 0 || colon == name.Length - 1 ? null : name[(colon + 1)..];
        (var isKnown, ecosystem) = (colon < 0 ? name : name[..colon]) switch
        {
            "opam" => (true, Ecosystem.Opam),
            "Debian" => (true, Ecosystem.Debian),
            "FreeBSD" => (true, Ecosystem.FreeBsd),
            "crates.io" => (true, Ecosystem.Cargo),
            "Go" => (true, Ecosystem.Go),
            _ => (false, default),
        };
        return isKnown;
    }
}
