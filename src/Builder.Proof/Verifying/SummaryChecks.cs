using System.Globalization;
using Builder.Proof.Statements;

namespace Builder.Proof.Verifying;

/// <summary>What the builder itself found out about the file: its level, and whether it was built again (verification summaries).</summary>
internal static class SummaryChecks
{
    private const string LevelPrefix = "SLSA_BUILD_LEVEL_";

    /// <summary>Independent operators came to the same bytes (SLSA 1.2).</summary>
    private const string ReproducedElsewhere = "SLSA_BUILD_REPRODUCED";

    public static void Add(IEnumerable<CheckedStatement> trusted, VerificationPolicy policy, List<VerificationCheck> checks)
    {
        var levels = trusted
            .Where(statement => statement.Statement.PredicateType == VerificationSummary.TypeUri)
            .Select(statement => TryRead(statement.Statement))
            .Where(summary => summary is { Passed: true })
            .SelectMany(summary => summary!.VerifiedLevels)
            .ToHashSet(StringComparer.Ordinal);
        checks.Add(Level(levels, policy.Level));
        checks.Add(Reproduced(levels));
    }

    private static VerificationCheck Level(HashSet<string> levels, int? wanted)
    {
        var level = levels
            .Where(one => one.StartsWith(LevelPrefix, StringComparison.Ordinal))
            .Select(one =>
                int.TryParse(one[LevelPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
            )
            .DefaultIfEmpty(0)
            .Max();
        var text = level == 0 ? "no SLSA build level is claimed" : string.Create(CultureInfo.InvariantCulture, $"SLSA build level {level}");
        if (wanted is not { } most)
            return new VerificationCheck("level", CheckOutcome.Note, text);
        return level >= most
            ? new VerificationCheck("level", CheckOutcome.Passed, text)
            : new VerificationCheck(
                "level",
                CheckOutcome.Failed,
                string.Create(CultureInfo.InvariantCulture, $"{text}, and the policy asks for {most}")
            );
    }

    private static VerificationCheck Reproduced(HashSet<string> levels) =>
        levels.Contains(ReproducedElsewhere)
            ? new VerificationCheck("reproduced", CheckOutcome.Passed, "built again by other operators, with the same bytes")
        : levels.Contains(VerificationSummary.Reproduced)
            ? new VerificationCheck("reproduced", CheckOutcome.Passed, "built again by the same site, with the same bytes")
        : new VerificationCheck("reproduced", CheckOutcome.Note, "no statement says that it was built again");

    private static VerificationSummary? TryRead(InTotoStatement statement)
    {
        try
        {
            return VerificationSummary.Read(statement);
        }
        catch (InvalidStatementException)
        {
            return null;
        }
    }
}
