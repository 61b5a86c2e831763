namespace Builder.Analysis.Advisories;

/// <summary>Versions from a lower to an upper bound; null is no bound.</summary>
public sealed record VersionRange(string? Lower, bool HasLower, string? Upper, bool HasUpper)
{
    public static VersionRange All { get; } = new(null, false, null, false);

    /// <summary>The first version behind the range, where a bound names it: what fixes a fault of the range.</summary>
    public string? FirstAfter => HasUpper ? null : Upper;
}
