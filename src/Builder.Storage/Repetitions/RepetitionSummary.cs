using Builder.Protocol.Values;

namespace Builder.Storage.Repetitions;

/// <summary>What all repetitions of an output say together.</summary>
/// <param name="Workers">How many workers came to the output, the first one included; 1 where no repetition agrees.</param>
/// <param name="Made">What was varied in repetitions that agree.</param>
/// <param name="Missing">What was asked for and varied in none of them.</param>
/// <param name="Differing">What was varied in repetitions that differ; null where none differs.</param>
/// <param name="Finding">What a bisection found; null where there was none, or it has not ended.</param>
public sealed record RepetitionSummary(
    int Workers,
    Variations Made,
    IReadOnlyList<MissingVariation> Missing,
    Variations? Differing,
    BisectionFinding? Finding
)
{
    /// <summary>True where at least one repetition came to the same output.</summary>
    public bool HasAgreeing { get; init; }

    public static RepetitionSummary Of(IEnumerable<RepetitionGroup> groups)
    {
        var all = groups.ToList();
        var agreeing = all.Where(static group => group.Agrees).ToList();
        var differing = all.Where(static group => !group.Agrees).ToList();
        var made = agreeing.Aggregate(Variations.None, static (set, group) => set | group.Variations.Made);
        return new RepetitionSummary(
            Math.Max(1, agreeing.SelectMany(static group => (string[])[group.Worker, group.FirstWorker]).Distinct().Count()),
            made,
            [
                .. agreeing
                    .SelectMany(static group => group.Variations.Missing)
                    .Where(missing => (made & missing.Variation) == Variations.None)
                    .DistinctBy(static missing => missing.Variation)
                    .OrderBy(static missing => missing.Variation),
            ],
            differing.Count == 0 ? null : differing.Aggregate(Variations.None, static (set, group) => set | group.Variations.Made),
            all.Select(static group => group.Finding)
                .Where(static finding => finding is not null)
                .OrderBy(static finding => finding!.Value.Kind)
                .FirstOrDefault()
        )
        {
            HasAgreeing = agreeing.Count > 0,
        };
    }
}
