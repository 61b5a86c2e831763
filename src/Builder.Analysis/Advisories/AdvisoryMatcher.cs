using System.Collections.Immutable;

namespace Builder.Analysis.Advisories;

/// <summary>Finds which of many advisories say something of a set of packages. Withdrawn ones say nothing.</summary>
public sealed class AdvisoryMatcher
{
    private readonly Dictionary<(Ecosystem Ecosystem, string Name), List<Advisory>> advisories = [];

    public AdvisoryMatcher(IEnumerable<Advisory> advisories)
    {
        foreach (var advisory in advisories.Where(static advisory => advisory.Withdrawn is null))
        {
            foreach (var key in advisory.Packages.Select(Key).Distinct())
            {
                if (!this.advisories.TryGetValue(key, out var list))
                    this.advisories.Add(key, list = []);
                list.Add(advisory);
            }
        }
    }

    /// <summary>In the order of ids, then packages.</summary>
    /// <param name="release">The release of the distribution that the system packages are of, such as 12; null where it is not known.</param>
    public ImmutableArray<AdvisoryMatch> Match(IEnumerable<ContainedPackage> packages, string? release = null)
    {
        var contained = packages.ToLookup(Key);
        var matches = new List<AdvisoryMatch>();
        foreach (var advisory in contained.SelectMany(group => advisories.GetValueOrDefault(group.Key) ?? []).Distinct())
            matches.AddRange(Match(advisory, contained, release));
        return
        [
            .. matches
                .OrderBy(static match => match.Advisory.Id, StringComparer.Ordinal)
                .ThenBy(static match => match.Package.Name, StringComparer.Ordinal)
                .ThenBy(static match => match.Package.Version, StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<AdvisoryMatch> Match(
        Advisory advisory,
        ILookup<(Ecosystem Ecosystem, string Name), ContainedPackage> contained,
        string? release
    )
    {
        var found = new Dictionary<ContainedPackage, string?>();
        foreach (var alternative in advisory.Alternatives)
        {
            var parts = alternative
                .Select(affected =>
                    IsOfRelease(affected, release)
                        ? contained[Key(affected)]
                            .Where(package => affected.Contains(package.Version))
                            .Select(package => (package, affected))
                            .ToList()
                        : []
                )
                .ToList();
            if (parts.Exists(static part => part.Count == 0))
                continue;
            foreach (var (package, affected) in parts.SelectMany(static part => part))
            {
                var bound = affected.FixedFor(package.Version);
                found[package] = found.TryGetValue(package, out var known) ? Later(affected.Ecosystem, known, bound) : bound;
            }
        }
        return found.Select(pair => new AdvisoryMatch(advisory, pair.Key, pair.Value));
    }

    private static bool IsOfRelease(AffectedPackage affected, string? release) =>
        affected.Release is null || release is null || affected.Release == release;

    /// <summary>Two alternatives with one package: only the later of the two versions fixes both, and none where one has no fix.</summary>
    private static string? Later(Ecosystem ecosystem, string? left, string? right) =>
        left is null || right is null ? null
        : EcosystemVersion.Compare(ecosystem, left, right) >= 0 ? left
        : right;

    private static (Ecosystem Ecosystem, string Name) Key(AffectedPackage package) => Key(package.Ecosystem, package.Name);

    private static (Ecosystem Ecosystem, string Name) Key(ContainedPackage package) => Key(package.Ecosystem, package.Name);

    // Crates are called with either sign: serde-json in the registry may be serde_json in the program.
    private static (Ecosystem Ecosystem, string Name) Key(Ecosystem ecosystem, string name) =>
        (ecosystem, ecosystem == Ecosystem.Cargo ? name.Replace('-', '_') : name);
}
