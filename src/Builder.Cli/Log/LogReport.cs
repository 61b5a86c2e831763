namespace Builder.Cli.Log;

/// <summary>What a check of a log found.</summary>
/// <param name="Summary">One line for a log where all is right.</param>
/// <param name="Findings">A line for each entry that is not as it must be.</param>
internal sealed record LogReport(string Summary, IReadOnlyList<string> Findings);
