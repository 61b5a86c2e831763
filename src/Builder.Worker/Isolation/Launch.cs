namespace Builder.Worker.Isolation;

/// <summary>What to start for a script.</summary>
/// <param name="Environment"><c>NAME=VALUE</c> each.</param>
/// <param name="Directory">Where to start it.</param>
/// <param name="ReportsStatus">It says on descriptor 3 what became of it.</param>
internal sealed record Launch(
    IReadOnlyList<string> Command, IReadOnlyList<string> Environment, string Directory, bool ReportsStatus = false);
