using System.Collections.Immutable;

namespace Builder.Analysis.Comparison;

/// <summary>Two environments, or two lists of system packages, side by side; each list in the order of the names.</summary>
/// <param name="Problem">Why a side could not be read; the lists are empty then.</param>
public sealed record NamedVersionComparison(
    ImmutableArray<NamedVersion> OnlyLeft,
    ImmutableArray<NamedVersion> OnlyRight,
    ImmutableArray<VersionChange> Changed,
    string? Problem = null
)
{
    public static NamedVersionComparison Empty { get; } = new([], [], []);

    public int Count => OnlyLeft.Length + OnlyRight.Length + Changed.Length;

    /// <summary>Two artifacts <c>build-environment</c>: lines of <c>KEY=VALUE</c>.</summary>
    public static NamedVersionComparison OfEnvironments(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        Of(left, right, NamedVersionLines.Variable);

    /// <summary>Two artifacts <c>system-packages</c>: lines of <c>name=version</c> or <c>name-version</c>.</summary>
    public static NamedVersionComparison OfSystemPackages(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        Of(left, right, NamedVersionLines.Package);

    private static NamedVersionComparison Of(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Func<string, NamedVersion> read)
    {
        if (NamedVersionLines.Read(left, read) is not { } leftEntries)
            return Empty with { Problem = $"The left build lists more than {NamedVersionLines.Most} entries." };
        if (NamedVersionLines.Read(right, read) is not { } rightEntries)
            return Empty with { Problem = $"The right build lists more than {NamedVersionLines.Most} entries." };
        return Of(leftEntries, rightEntries);
    }

    private static NamedVersionComparison Of(List<NamedVersion> left, List<NamedVersion> right)
    {
        var onlyLeft = ImmutableArray.CreateBuilder<NamedVersion>();
        var onlyRight = ImmutableArray.CreateBuilder<NamedVersion>();
        var changed = ImmutableArray.CreateBuilder<VersionChange>();
        var (l, r) = (0, 0);
        while (l < left.Count || r < right.Count)
        {
            var order =
                l == left.Count ? 1
                : r == right.Count ? -1
                : string.CompareOrdinal(left[l].Name, right[r].Name);
            if (order < 0)
            {
                onlyLeft.Add(left[l++]);
                continue;
            }
            if (order > 0)
            {
                onlyRight.Add(right[r++]);
                continue;
            }
            if (left[l].Version != right[r].Version)
                changed.Add(new VersionChange(left[l].Name, left[l].Version, right[r].Version));
            l++;
            r++;
        }
        return new NamedVersionComparison(onlyLeft.DrainToImmutable(), onlyRight.DrainToImmutable(), changed.DrainToImmutable());
    }
}
