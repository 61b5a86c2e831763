using System.IO.Enumeration;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Targets;

/// <summary>Which events a target wants. What is not given does not matter.</summary>
/// <param name="Jobs">Patterns with <c>*</c> and <c>?</c>. Events about no job go to targets without patterns alone.</param>
public sealed record EventFilter(IReadOnlyList<string> Events, IReadOnlyList<string> Jobs, IReadOnlyList<string> Platforms)
{
    public bool Matches(OutboxEvent found) =>
        Events.Contains(found.Kind, StringComparer.Ordinal) && IsIn(Jobs, found.Job) && IsIn(Platforms, found.Platform);

    private static bool IsIn(IReadOnlyList<string> patterns, string? name) =>
        patterns.Count == 0
        || (name is not null && patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)));
}
