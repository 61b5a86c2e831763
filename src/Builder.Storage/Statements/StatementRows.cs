using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Storage.Statements;

/// <summary>Statements in the database. Removing a build leaves them.</summary>
public static class StatementRows
{
    private const string Columns = "build_uuid, kind, envelope, key_id, log_index, created";

    /// <summary>Statements of one request; more than a build ever has.</summary>
    private const int MaxStatements = 1000;

    /// <summary>Inside the caller's transaction. A statement that is there already is left as it is.</summary>
    /// <param name="subjects">Artifacts by which the build's statements are found.</param>
    public static async Task InsertAsync(
        DatabaseSession session,
        StoredStatement statement,
        IEnumerable<Sha256Digest> subjects,
        CancellationToken cancellationToken
    )
    {
        var uuid = statement.Build?.ToString() ?? "";
        await session.ExecuteAsync(
            $"""
            INSERT INTO statement ({Columns}, digest)
            VALUES (@uuid, @kind, @envelope, @key, @index, @created, @digest)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("@uuid", uuid),
            ("@kind", statement.Kind),
            ("@envelope", PackedEnvelope.Pack(statement.Envelope.Span)),
            ("@key", statement.KeyId),
            ("@index", statement.LogIndex),
            ("@created", statement.Created.ToUnixTimeSeconds()),
            ("@digest", statement.Digest)
        );
        foreach (var subject in subjects)
        {
            await session.ExecuteAsync(
                "INSERT INTO statement_subject (sha256, build_uuid) VALUES (@subject, @uuid) ON CONFLICT DO NOTHING",
                cancellationToken,
                ("@subject", subject),
                ("@uuid", uuid)
            );
        }
    }

    /// <summary>All of a build, oldest first.</summary>
    public static Task<List<StoredStatement>> OfBuildAsync(DatabaseSession session, BuildUuid build, CancellationToken cancellationToken) =>
        session.QueryAsync(
            $"SELECT {Columns} FROM statement WHERE build_uuid = @uuid ORDER BY id LIMIT {MaxStatements}",
            Read,
            cancellationToken,
            ("@uuid", build)
        );

    /// <summary>The latest of one kind; null where there is none.</summary>
    /// <param name="build">Null for the site.</param>
    public static Task<StoredStatement?> LatestAsync(
        DatabaseSession session,
        BuildUuid? build,
        string kind,
        CancellationToken cancellationToken
    ) =>
        session.QueryFirstAsync(
            $"SELECT {Columns} FROM statement WHERE build_uuid = @uuid AND kind = @kind ORDER BY id DESC LIMIT 1",
            Read,
            cancellationToken,
            ("@uuid", build?.ToString() ?? ""),
            ("@kind", kind)
        );

    /// <summary>The one that an entry of the transparency log stands for; null where the site has none.</summary>
    public static Task<StoredStatement?> AtPlaceAsync(DatabaseSession session, long logIndex, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            $"SELECT {Columns} FROM statement WHERE log_index = @place ORDER BY id LIMIT 1",
            Read,
            cancellationToken,
            ("@place", logIndex)
        );

    /// <summary>Of all builds that had an artifact with this content, oldest first.</summary>
    public static async Task<IReadOnlyList<StoredStatement>> OfArtifactAsync(
        DatabaseSession session,
        Sha256Digest digest,
        CancellationToken cancellationToken
    )
    {
        var found = await session.QueryAsync(
            $"""
            SELECT {Columns}
            FROM statement
            WHERE build_uuid IN (SELECT build_uuid FROM statement_subject WHERE sha256 = @digest LIMIT {MaxStatements})
            LIMIT {MaxStatements}
            """,
            Read,
            cancellationToken,
            ("@digest", digest)
        );
        return [.. found.OrderBy(static statement => statement.Created)];
    }

    private static StoredStatement Read(Row row) =>
        new(
            row.Text(0) is { Length: > 0 } uuid ? BuildUuid.Parse(uuid) : null,
            row.Text(1),
            PackedEnvelope.Unpack(row.Blob(2)),
            row.Text(3),
            row.IntegerOrNull(4),
            DateTimeOffset.FromUnixTimeSeconds(row.Integer(5))
        );
}
