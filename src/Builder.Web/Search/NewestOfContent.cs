using System.Collections.Concurrent;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Web.Builds;

namespace Builder.Web.Search;

/// <summary>
/// The newest build that has a file with a content. Which of thousands that share one is the newest by its start no index tells, so for such contents the
/// answer is remembered together with the last row looked at: from then on only rows that came since are looked at. Rows become visible in the order of their
/// ids, since there is one writer at a time.
/// </summary>
internal sealed class NewestOfContent
{
    /// <summary>Up to so many builds are put in order on each request.</summary>
    public const int Few = 256;

    private const int MaxRemembered = 4096;

    private readonly ConcurrentDictionary<Sha256Digest, Known> known = new();

    /// <summary>Null where no build has it.</summary>
    public async Task<FoundBuild?> FindAsync(DatabaseSession session, Sha256Digest content, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(content, out var before))
        {
            if (await FindSinceAsync(session, content, before, cancellationToken) is { } found)
                return found;
            // The build was removed: another is the newest now.
            known.TryRemove(content, out _);
        }
        if (!await IsWidelySharedAsync(session, content, cancellationToken))
            return (await SearchQueries.NewestAsync(session, content, cancellationToken))?.Build;
        var last = await LastAsync(session, content, cancellationToken);
        if (await SearchQueries.NewestAsync(session, content, cancellationToken) is not { } newest)
            return null;
        Remember(content, new Known(last, newest));
        return newest.Build;
    }

    private async Task<FoundBuild?> FindSinceAsync(
        DatabaseSession session,
        Sha256Digest content,
        Known before,
        CancellationToken cancellationToken
    )
    {
        var last = await LastAsync(session, content, cancellationToken);
        if (last > before.LastRow)
        {
            var later = await SearchQueries.NewestSinceAsync(session, content, before.LastRow, cancellationToken);
            before = new Known(last, later is not null && later.Started >= before.Newest.Started ? later : before.Newest);
            Remember(content, before);
        }
        return await BuildLookup.ByUuidAsync(session, before.Newest.Build.Uuid, cancellationToken);
    }

    private void Remember(Sha256Digest content, Known answer)
    {
        if (known.Count >= MaxRemembered)
            known.Clear();
        known[content] = answer;
    }

    private static Task<bool> IsWidelySharedAsync(DatabaseSession session, Sha256Digest content, CancellationToken cancellationToken) =>
        session.AnyAsync(
            $"""
            SELECT 1 FROM build_artifact
            WHERE sha256 = @hash
            LIMIT 1 OFFSET {Few}
            """,
            cancellationToken,
            ("@hash", content)
        );

    /// <summary>0 where there is none.</summary>
    private static async Task<long> LastAsync(DatabaseSession session, Sha256Digest content, CancellationToken cancellationToken) =>
        await session.QueryFirstAsync(
            "SELECT MAX(id) FROM build_artifact WHERE sha256 = @hash",
            static row => row.IntegerOrNull(0),
            cancellationToken,
            ("@hash", content)
        ) ?? 0;

    /// <param name="LastRow">Of build_artifact, when it was found.</param>
    private sealed record Known(long LastRow, NewestBuild Newest);
}

internal sealed record NewestBuild(FoundBuild Build, Timestamp Started);
