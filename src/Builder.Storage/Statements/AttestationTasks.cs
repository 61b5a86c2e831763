using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Storage.Statements;

/// <summary>
/// What is to be attested. A build gets its task in the transaction that stores it, and loses it in the one that stores the statement: none is
/// forgotten, whatever dies in between.
/// </summary>
public static class AttestationTasks
{
    /// <summary>A refusal is for good after so many; <see cref="AddMissingAsync"/> tries again.</summary>
    public const int MaxAttempts = 20;

    private const string Insert =
        "INSERT INTO attestation_task (build_uuid, kind, attempts, due) VALUES (@uuid, @kind, 0, 0) ON CONFLICT (build_uuid, kind) DO ";

    /// <summary>Inside the caller's transaction.</summary>
    public static Task AddAsync(DatabaseSession session, BuildUuid build, string kind, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            Insert + "UPDATE SET attempts = 0, due = 0, refusal = NULL",
            cancellationToken,
            ("@uuid", build),
            ("@kind", kind)
        );

    /// <summary>Every build without provenance that left artifacts.</summary>
    /// <param name="isAgain">Also those that the signer refused before.</param>
    /// <returns>How many builds are to be attested.</returns>
    public static Task<long> AddMissingAsync(BuilderDatabase database, bool isAgain, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    $"""
                    INSERT INTO attestation_task (build_uuid, kind, attempts, due)
                    SELECT build.uuid, @kind, 0, 0
                    FROM build
                    WHERE EXISTS (SELECT 1 FROM build_artifact WHERE build_artifact.build = build.id)
                      AND NOT EXISTS (SELECT 1 FROM statement WHERE statement.build_uuid = build.uuid AND statement.kind = @kind)
                    ORDER BY build.id
                    ON CONFLICT (build_uuid, kind) DO {(isAgain ? "UPDATE SET attempts = 0, due = 0, refusal = NULL" : "NOTHING")}
                    """,
                    cancellationToken,
                    ("@kind", StatementKind.Provenance)
                );
                return await session.IntegerAsync(
                    "SELECT COUNT(*) FROM attestation_task WHERE kind = @kind",
                    cancellationToken,
                    ("@kind", StatementKind.Provenance)
                );
            },
            cancellationToken
        );

    /// <summary>What may be tried now, in the order in which it came.</summary>
    public static Task<List<AttestationTask>> DueAsync(
        DatabaseSession session,
        DateTimeOffset now,
        int max,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"""
            SELECT build_uuid, kind, attempts, refusal
            FROM attestation_task
            WHERE due <= @now AND attempts < {MaxAttempts}
            ORDER BY due, id
            LIMIT @max
            """,
            static row => new AttestationTask(row.Uuid(0), row.Text(1), (int)row.Integer(2), row.TextOrNull(3)),
            cancellationToken,
            ("@now", now.ToUnixTimeSeconds()),
            ("@max", max)
        );

    /// <summary>Builds for which the signer refused provenance, and why.</summary>
    public static Task<List<AttestationTask>> RefusedAsync(DatabaseSession session, int max, CancellationToken cancellationToken) =>
        session.QueryAsync(
            "SELECT build_uuid, kind, attempts, refusal FROM attestation_task WHERE refusal IS NOT NULL AND kind = @kind ORDER BY id LIMIT @max",
            static row => new AttestationTask(row.Uuid(0), row.Text(1), (int)row.Integer(2), row.TextOrNull(3)),
            cancellationToken,
            ("@kind", StatementKind.Provenance),
            ("@max", max)
        );

    /// <summary>What is still to be made for a build.</summary>
    public static Task<AttestationTask?> FindAsync(
        DatabaseSession session,
        BuildUuid build,
        string kind,
        CancellationToken cancellationToken
    ) =>
        session.QueryFirstAsync(
            "SELECT build_uuid, kind, attempts, refusal FROM attestation_task WHERE build_uuid = @uuid AND kind = @kind",
            static row => new AttestationTask(row.Uuid(0), row.Text(1), (int)row.Integer(2), row.TextOrNull(3)),
            cancellationToken,
            ("@uuid", build),
            ("@kind", kind)
        );

    /// <summary>Inside the caller's transaction.</summary>
    public static Task DoneAsync(DatabaseSession session, BuildUuid build, string kind, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            "DELETE FROM attestation_task WHERE build_uuid = @uuid AND kind = @kind",
            cancellationToken,
            ("@uuid", build),
            ("@kind", kind)
        );

    /// <summary>Inside the caller's transaction: the signer refused; it is asked again later.</summary>
    public static Task RefusedAsync(
        DatabaseSession session,
        AttestationTask task,
        string refusal,
        DateTimeOffset due,
        CancellationToken cancellationToken
    ) =>
        session.ExecuteAsync(
            "UPDATE attestation_task SET attempts = attempts + 1, due = @due, refusal = @refusal WHERE build_uuid = @uuid AND kind = @kind",
            cancellationToken,
            ("@due", due.ToUnixTimeSeconds()),
            ("@refusal", refusal.Length <= 400 ? refusal : refusal[..400]),
            ("@uuid", task.Build),
            ("@kind", task.Kind)
        );

    /// <summary>
    /// Inside the caller's transaction: a stored build gets a summary, and so does the one that it is the first to reproduce.
    /// </summary>
    public static async Task VerdictMayHaveChangedAsync(DatabaseSession session, BuildUuid build, CancellationToken cancellationToken)
    {
        var same = await session.QueryAsync(
            """
            SELECT other.uuid
            FROM build
            JOIN build AS other
              ON other.job = build.job AND other.input_id = build.input_id AND other.main_sha256 = build.main_sha256
            WHERE build.uuid = @uuid
            ORDER BY other.id
            LIMIT 3
            """,
            static row => row.Uuid(0),
            cancellationToken,
            ("@uuid", build)
        );
        foreach (var uuid in same.Count == 2 ? same : [build])
            await AddAsync(session, uuid, StatementKind.Summary, cancellationToken);
    }
}
