using Builder.Analysis.Advisories;
using Builder.Storage.Database;

namespace Builder.Web.Find;

/// <summary>Where an advisory applies, or did.</summary>
/// <param name="Places">Affected latest builds first.</param>
public sealed record AdvisoryPlaces(Advisory Advisory, IReadOnlyList<AffectedPlace> Places)
{
    /// <summary>Latest builds that are affected and that the operator did not dismiss.</summary>
    public int Affected => Places.Count(static place => place.Place.IsAffected && place.Dismissed is null);

    internal static async Task<AdvisoryPlaces> FindAsync(
        DatabaseSession session,
        Advisory advisory,
        AdvisoryList list,
        LatestBuilds latest,
        CancellationToken cancellationToken
    )
    {
        var found = new List<AffectedPlace>();
        foreach (var alternative in advisory.Alternatives)
        {
            var parts = new List<(AffectedPackage Package, IReadOnlyList<PackagePlace> Places)>();
            foreach (var package in alternative)
                parts.Add((package, await PackageFinder.FindAsync(session, package, latest, cancellationToken)));
            foreach (var (package, places) in parts)
            {
                // Joined by "&": only where every package is.
                found.AddRange(
                    places
                        .Where(place => parts.TrueForAll(part => part.Places.Any(other => IsSame(other, place))))
                        .Select(place => new AffectedPlace(
                            package,
                            place,
                            package.FixedFor(place.Versions[^1] is { Length: > 0 } version ? version : null),
                            list.DismissalOf(advisory.Id, place.Job)
                        ))
                );
            }
        }
        return new AdvisoryPlaces(
            advisory,
            [
                .. found
                    .OrderBy(static place => !place.Place.IsAffected)
                    .ThenBy(static place => place.Place.Job, StringComparer.Ordinal)
                    .ThenBy(static place => place.Place.Platform, StringComparer.Ordinal)
                    .ThenBy(static place => place.Package.Name, StringComparer.Ordinal),
            ]
        );
    }

    private static bool IsSame(PackagePlace left, PackagePlace right) => left.Job == right.Job && left.Platform == right.Platform;
}
