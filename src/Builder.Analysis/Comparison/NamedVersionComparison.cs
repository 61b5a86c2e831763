using System.Collections.Immutable;

namespace Builder.Analysis.Comparison;

/// <summary>Two environments, or two lists of system packages, side by side; each list in the order of the names.</summary>
/// <param name="Problem">Why a side could not be read; the lists are empty then.</param>
public sealed record NamedVersionComparison(
    ImmutableArray<NamedVersion> OnlyLeft,
    ImmutableArray<NamedVersion> OnlyRight,
    ImmutableArray<VersionChange> Changed,
    string? Problem = null)
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
        return new NamedVersionComparison(
            Only(leftEntries, rightEntries),
            Only(rightEntries, leftEntries),
            [
                .. leftEntries
                    .Where(entry => rightEntries.TryGetValue(entry.Key, out var other) && other != entry.Value)
                    .Select(entry => new VersionChange(entry.Key, entry.Value, rightEntries[entry.Key])),
            ]);
    }

    private static ImmutableArray<NamedVersion> Only(SortedDictionary<string, string> here, SortedDictionary<string, string> there) =>
        [.. here.Where(entry => !there.ContainsKey(entry.Key)).Select(entry => new NamedVersion(entry.Key, entry.Value))];
}
