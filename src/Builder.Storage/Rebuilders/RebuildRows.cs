using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Statements;
using Builder.Storage.Values;

namespace Builder.Storage.Rebuilders;

/// <summary>Statements of rebuilders, kept as they came. Removing a build leaves them.</summary>
public static class RebuildRows
{
    /// <summary>Of one key about one build.</summary>
    public const int MaxPerKey = 8;

    /// <summary>Of a build, on one page.</summary>
    private const int MaxOfBuild = 1000;

    private const string Columns = """
        SELECT said.id, said.build_uuid, rebuilder.name, said.key_id, said.agrees, said.payload_digest, said.difference, said.received,
          CASE WHEN rebuilder.void_from IS NULL OR said.received < rebuilder.void_from THEN 1 ELSE 0 END
        FROM rebuild_statement AS said
        JOIN rebuilder ON rebuilder.key_id = said.key_id
        """;

    public static Task<RebuildOutcome> InsertAsync(BuilderDatabase database, NewRebuild said, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
            {
                SqlParameter[] place = [("@uuid", said.Build), ("@key", said.KeyId)];
                if (
                    await session.AnyAsync(
                        "SELECT 1 FROM rebuild_statement WHERE build_uuid = @uuid AND key_id = @key AND payload_digest = @digest",
                        cancellationToken,
                        [.. place, ("@digest", said.PayloadDigest)]
                    )
                )
                    return RebuildOutcome.Known;
                var count = await session.IntegerAsync(
                    "SELECT COUNT(*) FROM rebuild_statement WHERE build_uuid = @uuid AND key_id = @key",
                    cancellationToken,
                    place
                );
                if (count >= MaxPerKey)
                    return RebuildOutcome.TooMany;
                await session.ExecuteAsync(
                    """
                    INSERT INTO rebuild_statement (build_uuid, key_id, agrees, envelope, payload_digest, links, difference, received)
                    VALUES (@uuid, @key, @agrees, @envelope, @digest, @links, @difference, @received)
                    """,
                    cancellationToken,
                    [
                        .. place,
                        ("@agrees", said.Agrees ? 1L : 0L),
                        ("@envelope", PackedEnvelope.Pack(said.Envelope.Span)),
                        ("@digest", said.PayloadDigest),
                        ("@links", said.Links.ToArray()),
                        ("@difference", said.Difference),
                        ("@received", said.Received.ToUnixTimeSeconds()),
                    ]
                );
                return RebuildOutcome.Kept;
            },
            cancellationToken
        );

    /// <summary>All about a build, oldest first, also those that no longer count.</summary>
    public static Task<List<RebuildRow>> OfBuildAsync(DatabaseSession session, BuildUuid build, CancellationToken cancellationToken) =>
        session.QueryAsync(
            $"""
            {Columns}
            WHERE said.build_uuid = @uuid
            ORDER BY said.id
            LIMIT {MaxOfBuild}
            """,
            Read,
            cancellationToken,
            ("@uuid", build)
        );

    /// <summary>All about any build of the job with these inputs and this main binary: they are about the same bytes. Oldest first.</summary>
    internal static Task<List<RebuildRow>> OfOutputAsync(
        DatabaseSession session,
        JobId job,
        Sha256Digest input,
        Sha256Digest output,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"""
            {Columns}
            WHERE said.build_uuid IN (
              SELECT uuid FROM build WHERE job = @job AND input_id = @input AND main_sha256 = @output LIMIT {MaxOfBuild})
            ORDER BY said.id
            LIMIT {MaxOfBuild}
            """,
            Read,
            cancellationToken,
            ("@job", job),
            ("@input", input),
            ("@output", output)
        );

    /// <summary>Builds about which something was said after the statement with this id, and the id of the last one.</summary>
    public static async Task<(long Last, IReadOnlyList<BuildUuid> Builds)> SinceAsync(
        DatabaseSession session,
        long id,
        CancellationToken cancellationToken
    )
    {
        var rows = await session.QueryAsync(
            "SELECT id, build_uuid FROM rebuild_statement WHERE id > @id ORDER BY id LIMIT 1000",
            static row => (Id: row.Integer(0), Build: row.Uuid(1)),
            cancellationToken,
            ("@id", id)
        );
        return rows.Count == 0 ? (id, []) : (rows[^1].Id, [.. rows.Select(static row => row.Build).Distinct()]);
    }

    /// <summary>The latest of a key, newest first.</summary>
    public static Task<List<RebuildRow>> LatestOfKeyAsync(
        DatabaseSession session,
        string keyId,
        int count,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"""
            {Columns}
            WHERE said.key_id = @key
            ORDER BY said.id DESC
            LIMIT @count
            """,
            Read,
            cancellationToken,
            ("@key", keyId),
            ("@count", count)
        );

    /// <summary>The signed bytes of a statement, and its links, as they came; null where there is none.</summary>
    public static Task<(byte[] Envelope, byte[] Links)?> FindAsync(
        DatabaseSession session,
        BuildUuid build,
        Sha256Digest payload,
        CancellationToken cancellationToken
    ) =>
        session.QueryFirstAsync(
            "SELECT envelope, links FROM rebuild_statement WHERE build_uuid = @uuid AND payload_digest = @digest",
            static row => ((byte[], byte[])?)(PackedEnvelope.Unpack(row.Blob(0)), row.Blob(1)),
            cancellationToken,
            ("@uuid", build),
            ("@digest", payload)
        );

    /// <summary>The signed bytes of all statements about a build whose keys count, oldest first.</summary>
    public static Task<List<byte[]>> EnvelopesAsync(DatabaseSession session, BuildUuid build, CancellationToken cancellationToken) =>
        session.QueryAsync(
            $"""
            SELECT said.envelope
            FROM rebuild_statement AS said
            JOIN rebuilder ON rebuilder.key_id = said.key_id
            WHERE said.build_uuid = @uuid AND (rebuilder.void_from IS NULL OR said.received < rebuilder.void_from)
            ORDER BY said.id
            LIMIT {MaxOfBuild}
            """,
            static row => PackedEnvelope.Unpack(row.Blob(0)),
            cancellationToken,
            ("@uuid", build)
        );

    private static RebuildRow Read(Row row) =>
        new(
            row.Integer(0),
            row.Uuid(1),
            row.Text(2),
            row.Text(3),
            row.Integer(4) != 0,
            row.Digest(5),
            row.TextOrNull(6),
            DateTimeOffset.FromUnixTimeSeconds(row.Integer(7)),
            row.Integer(8) != 0
        );
}
