namespace Builder.Publishing.Snapshots;

/// <summary>One state of a branch of a repository, whole and never changed after it went live.</summary>
/// <param name="ContentOf">The snapshot whose packages these are: its own number, unless it went back to another or was only signed anew.</param>
public sealed record Snapshot(int Number, string Directory, DateTimeOffset Made, string Note, int ContentOf, bool IsCurrent)
{
    /// <summary>What to go back to: what was offered before the content that is offered now, so that going back twice goes back two.</summary>
    internal static Snapshot? Before(IReadOnlyList<Snapshot> snapshots) =>
        snapshots.FirstOrDefault(snapshot => snapshot.IsCurrent) is { } current
            ? snapshots.LastOrDefault(snapshot => snapshot.Number < current.ContentOf && snapshot.ContentOf != current.ContentOf)
            : null;
}
