using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Values;

namespace Builder.Storage.Search;

/// <summary>
/// Enters the consoles of builds, in the order in which they were stored. Whoever is cut off goes on at the same build: each batch and how far it came are
/// one transaction.
/// </summary>
/// <param name="maxSize">Bytes of the index; where it is larger, the oldest consoles are left out. 0 for no index.</param>
public sealed class ConsoleTextIndex(BuilderDatabase database, IBuildFiles files, long maxSize)
{
    public const long DefaultMaxSize = 128L << 20;

    private const int BuildsPerTransaction = 32;
    private const int ConsolesPerSegment = 256;

    private readonly TermIndex index = new(database, TermKind.Console, ConsolesPerSegment, maxSize);

    public bool IsOn => maxSize > 0;

    /// <summary>How many builds were not looked at yet.</summary>
    public async Task<long> RemainingAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return IsOn
            ? await session.IntegerAsync(
                "SELECT COUNT(*) FROM build WHERE id > (SELECT subject FROM search_progress WHERE kind = 0)",
                cancellationToken
            )
            : 0;
    }

    /// <summary>Enters the next builds.</summary>
    /// <returns>How many; 0 when all were looked at.</returns>
    public async Task<int> AdvanceAsync(CancellationToken cancellationToken)
    {
        if (!IsOn)
            return 0;
        List<(BuildId Id, string Console)> builds;
        await using (var session = await database.OpenReadAsync(cancellationToken))
            builds = await session.QueryAsync(
                """
                SELECT build.id, build.console
                FROM build
                WHERE build.id > (SELECT subject FROM search_progress WHERE kind = 0)
                ORDER BY build.id
                LIMIT @most
                """,
                static row => (row.BuildId(0), row.Text(1)),
                cancellationToken,
                ("@most", BuildsPerTransaction)
            );
        if (builds.Count == 0)
            return 0;
        // Reading takes long: not within the transaction.
        var trigrams = new ConsoleTrigrams();
        var read = new List<(long Subject, byte[]? Terms)>();
        foreach (var (id, console) in builds)
            read.Add((id.Value, await ReadAsync(trigrams, console, cancellationToken)));
        await index.AddAsync(read, builds[^1].Id.Value, more: null, cancellationToken);
        return builds.Count;
    }

    /// <summary>Builds whose consoles may hold a text, the newest first, some at a time.</summary>
    /// <param name="text">At least three bytes of UTF-8, without a newline.</param>
    public async IAsyncEnumerable<IReadOnlyList<BuildId>> FindAsync(
        DatabaseSession session,
        string text,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!IsOn)
            yield break;
        await foreach (var numbers in index.FindAsync(session, ConsoleTrigrams.Of(text), cancellationToken))
        {
            var subjects = await index.SubjectsAsync(session, numbers, cancellationToken);
            yield return
            [
                .. numbers
                    .Select(number => subjects.GetValueOrDefault(number, -1))
                    .Where(static id => id >= 0)
                    .Select(static id => new BuildId(id)),
            ];
        }
    }

    /// <summary>How many consoles can be found.</summary>
    public async Task<long> CountAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        IsOn ? (await index.SizeAsync(session, cancellationToken)).Documents : 0;

    /// <summary>Bytes that the index takes.</summary>
    public async Task<long> SizeAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        (await index.SizeAsync(session, cancellationToken)).Size;

    /// <summary>Opens a console; null where it is gone: the build may have been removed meanwhile.</summary>
    public async ValueTask<Stream?> TryOpenAsync(string console, CancellationToken cancellationToken) =>
        await files.OpenAsync(console, cancellationToken);

    private async Task<byte[]?> ReadAsync(ConsoleTrigrams trigrams, string console, CancellationToken cancellationToken)
    {
        await using var stream = await TryOpenAsync(console, cancellationToken);
        return stream is null ? null : await trigrams.ReadAsync(stream, cancellationToken);
    }
}
