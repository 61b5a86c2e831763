namespace Builder.Publishing.TransparencyLog;

/// <param name="Directory">Public files: <c>checkpoint</c> and <c>tile/…</c>, for a web server to serve as they are.</param>
/// <param name="StateDirectory">
/// Private: what was published last, and what is not in tiles yet. It lies with the key, apart from the public files, so that a restored backup of those
/// is noticed.
/// </param>
/// <param name="Origin">The log's name: the bare host name of the site.</param>
public sealed record LogSettings(string Directory, string StateDirectory, string Origin)
{
    /// <summary>Entries that are added in one step, at most.</summary>
    public int MaxBatch { get; init; } = 1024;

    /// <summary>Bytes of entries that may wait in the journal before all tiles are synced.</summary>
    public int MaxJournalLength { get; init; } = 2 * 1024 * 1024;

    /// <summary>Full tiles that may wait for their sync.</summary>
    public int MaxUnsyncedFiles { get; init; } = 256;
}
