namespace Builder.Storage.Rebuilders;

/// <summary>What rebuilders say about a build, and what its packages wait for.</summary>
/// <param name="Rule">Null where packages of the job do not wait for others.</param>
/// <param name="Said">All statements, oldest first, also those that no longer count.</param>
public sealed record Quorum(StoredPublishRule? Rule, IReadOnlyList<RebuildRow> Said)
{
    public RebuildTally Tally { get; } = RebuildTally.Of(Said);

    /// <summary>Nobody gets files or hashes yet, so that nobody can sign them without building.</summary>
    public bool IsWithheld => Rule is { IsIndependent: true, Others: var others } && Tally.Agreeing.Length < others;

    /// <summary>How many rebuilders are missing; 0 where it waits for none.</summary>
    public int Missing => IsWithheld ? Rule!.Others - Tally.Agreeing.Length : 0;

    /// <summary>What it waits for, without a full stop; null where it waits for nobody.</summary>
    public string? Waiting =>
        IsWithheld
            ? $"waits for {Rule!.Others} independent rebuilder{(Rule.Others == 1 ? "" : "s")} that come to the same bytes; "
                + (
                    Tally.Agreeing.Length == 0 ? "none has yet"
                    : Tally.Agreeing.Length == 1 ? "1 has"
                    : $"{Tally.Agreeing.Length} have"
                )
            : null;
}
