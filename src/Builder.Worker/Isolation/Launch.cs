namespace Builder.Worker.Isolation;

/// <summary>What to start for a script.</summary>
/// <param name="Environment"><c>NAME=VALUE</c> each.</param>
/// <param name="Directory">Where to start it.</param>
internal sealed record Launch(IReadOnlyList<string> Command, IReadOnlyList<string> Environment, string Directory);
