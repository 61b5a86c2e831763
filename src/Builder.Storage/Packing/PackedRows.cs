using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;

namespace Builder.Storage.Packing;

/// <summary>The rows that say how contents are stored, inside the caller's transaction.</summary>
internal static class PackedRows
{
    private const string Columns = "SELECT sha256, object, base, depth, size, packed_size, whole FROM packed_content";

    /// <summary>
    /// Whether a content must stay: a build has it, a patch is made from it, or it is the packed form of another.
    /// </summary>
    public static Task<bool> IsNeededAsync(DatabaseSession session, Sha256Digest digest, CancellationToken cancellationToken) =>
        session.AnyAsync(
            """
            SELECT 1 FROM build_artifact WHERE sha256 = @digest
            UNION ALL
            SELECT 1 FROM packed_content WHERE base = @digest
            UNION ALL
            SELECT 1 FROM packed_content WHERE object = @digest
            LIMIT 1
            """,
            cancellationToken,
            ("@digest", digest)
        );

    public static Task<PackedContent?> FindAsync(DatabaseSession session, Sha256Digest digest, CancellationToken cancellationToken) =>
        session.QueryFirstAsync($"{Columns} WHERE sha256 = @digest", Read, cancellationToken, ("@digest", digest));

    /// <summary>The content whose packed form this is.</summary>
    public static Task<PackedContent?> FindByObjectAsync(
        DatabaseSession session,
        Sha256Digest digest,
        CancellationToken cancellationToken
    ) => session.QueryFirstAsync($"{Columns} WHERE object = @digest LIMIT 1", Read, cancellationToken, ("@digest", digest));

    public static Task<List<PackedContent>> OfBaseAsync(
        DatabaseSession session,
        Sha256Digest digest,
        CancellationToken cancellationToken
    ) => session.QueryAsync($"{Columns} WHERE base = @digest", Read, cancellationToken, ("@digest", digest));

    /// <summary>Those that are packed, in order of their hash.</summary>
    public static Task<List<PackedContent>> AfterAsync(
        DatabaseSession session,
        Sha256Digest? last,
        int count,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"{Columns} WHERE sha256 > @last AND object IS NOT NULL ORDER BY sha256 LIMIT @count",
            Read,
            cancellationToken,
            ("@last", last?.ToByteArray() ?? []),
            ("@count", count)
        );

    /// <summary>Those that are there packed and whole.</summary>
    public static Task<List<PackedContent>> WholeAsync(
        DatabaseSession session,
        Sha256Digest? last,
        int count,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"{Columns} WHERE sha256 > @last AND whole = 1 AND object IS NOT NULL ORDER BY sha256 LIMIT @count",
            Read,
            cancellationToken,
            ("@last", last?.ToByteArray() ?? []),
            ("@count", count)
        );

    public static Task<int> InsertAsync(DatabaseSession session, PackedContent content, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            """
            INSERT INTO packed_content (sha256, object, base, depth, size, packed_size, whole)
            VALUES (@digest, @object, @base, @depth, @size, @packed, @whole)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("@digest", content.Digest),
            ("@object", content.Object),
            ("@base", content.Base),
            ("@depth", content.Depth),
            ("@size", content.Size),
            ("@packed", content.PackedSize),
            ("@whole", content.IsWhole ? 1 : 0)
        );

    public static Task<int> SetWholeAsync(
        DatabaseSession session,
        Sha256Digest digest,
        bool isWhole,
        CancellationToken cancellationToken
    ) =>
        session.ExecuteAsync(
            "UPDATE packed_content SET whole = @whole WHERE sha256 = @digest AND whole <> @whole",
            cancellationToken,
            ("@digest", digest),
            ("@whole", isWhole ? 1 : 0)
        );

    /// <summary>
    /// Removes the row and the packed form: the content is there itself, or is to go. A base that only this patch needed is to go then, too.
    /// </summary>
    public static async Task ForgetAsync(
        DatabaseSession session,
        IArtifactStore store,
        PackedContent content,
        CancellationToken cancellationToken
    )
    {
        await session.ExecuteAsync("DELETE FROM packed_content WHERE sha256 = @digest", cancellationToken, ("@digest", content.Digest));
        if (content.Object is { } packed && !await IsNeededAsync(session, packed, cancellationToken))
            await store.RemoveAsync(packed, cancellationToken);
        if (content.Base is { } before && !await IsNeededAsync(session, before, cancellationToken))
            await NoteRemovalAsync(session, before, cancellationToken);
    }

    /// <summary>Removes a content that nothing needs, in whatever form it is stored.</summary>
    public static async Task RemoveAsync(
        DatabaseSession session,
        IArtifactStore store,
        Sha256Digest digest,
        CancellationToken cancellationToken
    )
    {
        await store.RemoveAsync(digest, cancellationToken);
        if (await FindAsync(session, digest, cancellationToken) is { } content)
            await ForgetAsync(session, store, content, cancellationToken);
    }

    /// <summary>The next sweep removes it, where nothing has come to need it by then.</summary>
    public static Task NoteRemovalAsync(DatabaseSession session, Sha256Digest digest, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            "INSERT INTO pending_removal (sha256) VALUES (@digest) ON CONFLICT DO NOTHING",
            cancellationToken,
            ("@digest", digest)
        );

    private static PackedContent Read(Row row) =>
        new(
            row.Digest(0),
            row.DigestOrNull(1),
            row.DigestOrNull(2),
            (int)row.Integer(3),
            row.Integer(4),
            row.Integer(5),
            row.Integer(6) != 0
        );
}
