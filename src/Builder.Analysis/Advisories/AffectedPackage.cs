using System.Collections.Immutable;

namespace Builder.Analysis.Advisories;

/// <summary>A package that an advisory names, with the versions that are affected.</summary>
/// <param name="Versions">Exactly these.</param>
/// <param name="Ranges">The same without the holes that single excluded versions make: its upper bounds are what fixes the fault.</param>
/// <param name="Listed">Versions that are listed one by one, beside the ranges.</param>
/// <param name="Release">The release of a distribution that this is about, such as 12; null for all.</param>
public sealed record AffectedPackage(
    Ecosystem Ecosystem,
    string Name,
    VersionSet Versions,
    VersionSet Ranges,
    ImmutableHashSet<string> Listed,
    string? Release = null
)
{
    /// <summary>Whether the version is affected. One that is not known is: it cannot be ruled out.</summary>
    public bool Contains(string? version) => version is null || Listed.Contains(version) || Versions.Contains(version);

    /// <summary>The first version without the fault for whoever has this one; null where no bound names it.</summary>
    public string? FixedFor(string? version)
    {
        if (version is null)
            return null;
        if (Ranges.Find(version) is { } range)
            return range.FirstAfter;
        // Listed only: the next version at which a range ends.
        return Ranges
            .Ranges.Select(static range => range.FirstAfter)
            .OfType<string>()
            .Where(bound => EcosystemVersion.Compare(Ecosystem, bound, version) > 0)
            .Order(Comparer<string>.Create((left, right) => EcosystemVersion.Compare(Ecosystem, left, right)))
            .FirstOrDefault();
    }
}
