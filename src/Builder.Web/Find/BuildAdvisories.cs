using System.Collections.Immutable;
using Builder.Analysis.Advisories;
using Builder.Storage.Database;
using Builder.Storage.Index;
using Builder.Storage.Values;

namespace Builder.Web.Find;

/// <summary>The advisories that apply to one build, by the index.</summary>
internal static class BuildAdvisories
{
    /// <returns>Null where the build has no entry in the index, or nothing that names packages.</returns>
    public static async Task<ImmutableArray<AdvisoryMatch>?> FindAsync(
        DatabaseSession session,
        BuildId build,
        string platform,
        AdvisoryList list,
        CancellationToken cancellationToken
    )
    {
        var packages = new List<ContainedPackage>();
        var sets = await PackageQueries.SetsAsync(session, build, cancellationToken);
        foreach (var (set, _) in sets)
            packages.AddRange(await PackageQueries.MembersAsync(session, set, cancellationToken));
        var isKnown = sets.Exists(static set => set.Kind is ContentKind.Switch) || packages.Exists(IsVersioned);
        if (!isKnown)
            return null;
        var modules = LinkedUnits.Of(
            packages.Where(static package => package.Ecosystem == Ecosystem.Module).Select(static package => package.Name)
        );
        return
        [
            .. list
                .Matcher.Match(packages, Release(platform))
                .Select(match =>
                    match.Package.Ecosystem == Ecosystem.Opam
                        ? match with
                        {
                            IsModuleLinked = modules.Contains(match.Advisory.Bindings),
                        }
                        : match
                ),
        ];
    }

    private static bool IsVersioned(ContainedPackage package) =>
        package.Ecosystem is not (Ecosystem.Module or Ecosystem.Library or Ecosystem.Sources);

    /// <summary><c>debian-12</c> is release 12 of Debian.</summary>
    private static string? Release(string platform) =>
        platform.StartsWith("debian-", StringComparison.Ordinal) ? platform["debian-".Length..] : null;
}
