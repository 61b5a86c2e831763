using System.Collections.Immutable;

namespace Builder.Analysis.Advisories;

/// <summary>A set of versions of one ecosystem: ranges in order that do not touch.</summary>
public sealed class VersionSet
{
    private readonly Ecosystem ecosystem;

    private VersionSet(Ecosystem ecosystem, ImmutableArray<VersionRange> ranges)
    {
        this.ecosystem = ecosystem;
        Ranges = ranges;
    }

    public ImmutableArray<VersionRange> Ranges { get; }

    public static VersionSet None(Ecosystem ecosystem) => new(ecosystem, []);

    public static VersionSet All(Ecosystem ecosystem) => new(ecosystem, [VersionRange.All]);

    public static VersionSet Of(Ecosystem ecosystem, IEnumerable<VersionRange> ranges)
    {
        var merged = ImmutableArray.CreateBuilder<VersionRange>();
        var set = new VersionSet(ecosystem, []);
        foreach (var range in ranges.Where(set.HasVersions).Order(Comparer<VersionRange>.Create(set.CompareLower)))
        {
            if (merged.Count > 0 && set.Touches(merged[^1], range))
                merged[^1] =
                    set.CompareUpper(merged[^1], range) >= 0
                        ? merged[^1]
                        : merged[^1] with
                        {
                            Upper = range.Upper,
                            HasUpper = range.HasUpper,
                        };
            else
                merged.Add(range);
        }
        return new VersionSet(ecosystem, merged.DrainToImmutable());
    }

    public VersionSet Union(VersionSet other) => Of(ecosystem, Ranges.Concat(other.Ranges));

    public VersionSet Intersect(VersionSet other)
    {
        var common = new List<VersionRange>();
        var (left, right) = (0, 0);
        while (left < Ranges.Length && right < other.Ranges.Length)
        {
            var (a, b) = (Ranges[left], other.Ranges[right]);
            var lower = CompareLower(a, b) >= 0 ? a : b;
            var upper = CompareUpper(a, b) <= 0 ? a : b;
            common.Add(new VersionRange(lower.Lower, lower.HasLower, upper.Upper, upper.HasUpper));
            if (ReferenceEquals(upper, a))
                left++;
            else
                right++;
        }
        return Of(ecosystem, common);
    }

    public bool Contains(string version) => Find(version) is not null;

    /// <summary>The range that holds the version; null where none does.</summary>
    public VersionRange? Find(string version) =>
        Ranges.FirstOrDefault(range => IsAboveLower(range, version) && IsBelowUpper(range, version));

    private bool IsAboveLower(VersionRange range, string version) =>
        range.Lower is null || (Compare(version, range.Lower) is var order && (order > 0 || (order == 0 && range.HasLower)));

    private bool IsBelowUpper(VersionRange range, string version) =>
        range.Upper is null || (Compare(version, range.Upper) is var order && (order < 0 || (order == 0 && range.HasUpper)));

    private bool HasVersions(VersionRange range) =>
        range.Lower is null
        || range.Upper is null
        || (Compare(range.Lower, range.Upper) is var order && (order < 0 || (order == 0 && range.HasLower && range.HasUpper)));

    /// <summary>Nothing lies between the end of the first and the start of the second.</summary>
    private bool Touches(VersionRange first, VersionRange second) =>
        first.Upper is null
        || second.Lower is null
        || (Compare(second.Lower, first.Upper) is var order && (order < 0 || (order == 0 && (first.HasUpper || second.HasLower))));

    private int CompareLower(VersionRange left, VersionRange right) =>
        (left.Lower, right.Lower) switch
        {
            (null, null) => 0,
            (null, _) => -1,
            (_, null) => 1,
            _ when Compare(left.Lower, right.Lower) is var order and not 0 => order,
            _ => right.HasLower.CompareTo(left.HasLower),
        };

    private int CompareUpper(VersionRange left, VersionRange right) =>
        (left.Upper, right.Upper) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            _ when Compare(left.Upper, right.Upper) is var order and not 0 => order,
            _ => left.HasUpper.CompareTo(right.HasUpper),
        };

    private int Compare(string left, string right) => EcosystemVersion.Compare(ecosystem, left, right);
}
