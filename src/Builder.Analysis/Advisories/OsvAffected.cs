using System.Collections.Immutable;
using System.Text.Json;

namespace Builder.Analysis.Advisories;

/// <summary>
/// An element of <c>affected</c>, evaluated as the schema says: versions that are listed, and ranges of events, of the types ECOSYSTEM and
/// SEMVER. Ranges of the type GIT name commits, which builds do not have.
/// </summary>
internal static class OsvAffected
{
    /// <summary>Null for a package of an ecosystem that no build of ours contains, and for sources without a package.</summary>
    public static AffectedPackage? Read(JsonElement element, string file)
    {
        if (
            OsvJson.Member(element, "package") is not { } package
            || OsvJson.Text(package, "ecosystem") is not { } ecosystemName
            || OsvJson.Text(package, "name") is not { Length: > 0 } name
            || !EcosystemNames.TryParseOsv(ecosystemName, out var ecosystem, out var release)
        )
            return null;
        var ranges = new List<VersionRange>();
        foreach (var range in OsvJson.Items(element, "ranges", file))
        {
            if (OsvJson.Text(range, "type") is "ECOSYSTEM" or "SEMVER")
                ranges.AddRange(ReadRange(range, ecosystem, file));
        }
        var set = VersionSet.Of(ecosystem, ranges);
        return new AffectedPackage(ecosystem, name, set, set, [.. OsvJson.Texts(element, "versions", file)], release);
    }

    private static ImmutableArray<VersionRange> ReadRange(JsonElement range, Ecosystem ecosystem, string file)
    {
        var events = OsvJson
            .Items(range, "events", file)
            .SelectMany(static element =>
                (IEnumerable<OsvEvent>)
                    [
                        .. OsvEvent.Of(element, OsvEventKind.Introduced, "introduced"),
                        .. OsvEvent.Of(element, OsvEventKind.Fixed, "fixed"),
                        .. OsvEvent.Of(element, OsvEventKind.LastAffected, "last_affected"),
                        .. OsvEvent.Of(element, OsvEventKind.Limit, "limit"),
                    ]
            )
            .ToList();
        var read = VersionSet.Of(ecosystem, Walk(events, ecosystem));
        // One limit above the version is enough.
        var limits = events.Where(static item => item.Kind == OsvEventKind.Limit).ToList();
        if (limits.Count > 0 && !limits.Exists(static limit => limit.Version == "*"))
            read = read.Intersect(
                VersionSet.Of(ecosystem, limits.Select(static limit => new VersionRange(null, false, limit.Version, false)))
            );
        return read.Ranges;
    }

    // The schema's algorithm: events in the order of their versions switch "affected" on and off.
    private static IEnumerable<VersionRange> Walk(List<OsvEvent> events, Ecosystem ecosystem)
    {
        (string? Lower, bool HasLower)? open = null;
        foreach (var item in events.Where(static item => item.Kind != OsvEventKind.Limit).Order(OsvEvent.By(ecosystem)))
        {
            switch (item.Kind)
            {
                case OsvEventKind.Introduced:
                    open ??= item.IsStart ? (null, false) : (item.Version, true);
                    break;
                case OsvEventKind.Fixed when open is { } from:
                    yield return new VersionRange(from.Lower, from.HasLower, item.Version, false);
                    open = null;
                    break;
                case OsvEventKind.LastAffected when open is { } from:
                    yield return new VersionRange(from.Lower, from.HasLower, item.Version, true);
                    open = null;
                    break;
            }
        }
        if (open is { } rest)
            yield return new VersionRange(rest.Lower, rest.HasLower, null, false);
    }
}
