using System.Collections.Immutable;

namespace Builder.Storage.Rebuilders;

/// <summary>Who of the rebuilders came to the same bytes. Each operator counts once, by what it said last.</summary>
/// <param name="Agreeing">The last statement of each operator that agrees, by name.</param>
/// <param name="Dissenting">The last statement of each operator that does not, by name.</param>
public sealed record RebuildTally(ImmutableArray<RebuildRow> Agreeing, ImmutableArray<RebuildRow> Dissenting)
{
    public static RebuildTally None { get; } = new([], []);

    public int Count => Agreeing.Length + Dissenting.Length;

    /// <param name="rows">Oldest first.</param>
    public static RebuildTally Of(IEnumerable<RebuildRow> rows)
    {
        var last = rows.Where(static row => row.Counts)
            .GroupBy(static row => row.Name, StringComparer.Ordinal)
            .Select(static said => said.MaxBy(static row => row.Id)!)
            .OrderBy(static row => row.Name, StringComparer.Ordinal)
            .ToList();
        return new RebuildTally([.. last.Where(static row => row.Agrees)], [.. last.Where(static row => !row.Agrees)]);
    }
}
