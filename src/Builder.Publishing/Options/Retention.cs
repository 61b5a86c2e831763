namespace Builder.Publishing.Options;

/// <summary>How long what was replaced stays, for clients that are in the middle of an update and for rollbacks.</summary>
/// <param name="Snapshots">At least so many old snapshots are kept.</param>
/// <param name="Time">All that are younger than this are kept too,</param>
/// <param name="MaxSnapshots">but never more than so many.</param>
public sealed record Retention(int Snapshots, TimeSpan Time, int MaxSnapshots)
{
    public static Retention Default { get; } = new(Snapshots: 5, TimeSpan.FromHours(1), MaxSnapshots: 100);
}
