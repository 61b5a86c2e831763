namespace Builder.Cli.Client;

/// <summary>A repetition of a build that waits or runs.</summary>
/// <param name="Repeats">The build that is repeated.</param>
/// <param name="Vary">What is to be varied; empty for nothing.</param>
/// <param name="IsBisection">It looks for the variation that matters.</param>
/// <param name="Build">The build under way; null while it waits.</param>
internal sealed record KnownRepetition(string Job, string Platform, string Repeats, string Vary, bool IsBisection, string? Build);
