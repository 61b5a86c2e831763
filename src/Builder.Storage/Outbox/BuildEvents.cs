using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Budgets;
using Builder.Storage.Database;
using Builder.Storage.Failures;

namespace Builder.Storage.Outbox;

/// <summary>What a stored build means to those who follow its job, inside the transaction that stores it.</summary>
internal static class BuildEvents
{
    public static async Task AddAsync(DatabaseSession session, BuildUuid uuid, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var build =
            await FindAsync(session, "build.uuid = @uuid", cancellationToken, ("@uuid", uuid))
            ?? throw new InvalidOperationException($"build {uuid} has no row");
        var before = await BeforeAsync(session, build, isSuccess: false, cancellationToken);
        var success = before is { Main: null } ? await BeforeAsync(session, build, isSuccess: true, cancellationToken) : before;
        var (old, current) = await VerdictAsync(session, build, cancellationToken);

        // Read before this transaction, with the upload.
        var error = build.Main is null ? await FailureRows.FindAsync(session, build.Id, cancellationToken) : null;

        // Its row is there only after a build server told of a budget.
        IReadOnlyList<BudgetExcess> over = await BudgetRows.OfJobAsync(session, build.Job, cancellationToken) is { } budget
            ? budget.ExcessesOf(build.Size, success?.Size, build.Finished - build.Started)
            : [];

        await AddAsync(EventKind.BuildStored, before);
        if (over.Count > 0)
            await AddAsync(EventKind.BudgetExceeded, success);
        if (build.Main is null)
        {
            await AddAsync(EventKind.BuildFailed, before);
            return;
        }
        if (before is { Main: null })
            await AddAsync(EventKind.BuildFixed, before);
        if (old is not null && old != current)
            await AddAsync(EventKind.VerdictChanged, before);
        if (success is not null && success.Main != build.Main)
            await AddAsync(EventKind.OutputChanged, success);

        Task AddAsync(string kind, EventBuild? previous) =>
            OutboxEvents.AddAsync(
                session,
                new NewEvent(
                    $"{kind}/{uuid}",
                    kind,
                    build.Job,
                    build.Platform,
                    uuid,
                    BuildEventData.Write(
                        build,
                        previous,
                        current,
                        error,
                        kind == EventKind.VerdictChanged ? old : null,
                        kind == EventKind.BudgetExceeded ? over : []
                    )
                ),
                now,
                cancellationToken
            );
    }

    /// <summary>The latest build of the job and platform that started earlier.</summary>
    private static async Task<EventBuild?> BeforeAsync(
        DatabaseSession session,
        EventBuild build,
        bool isSuccess,
        CancellationToken cancellationToken
    )
    {
        var succeeded = await LatestAsync("NOT NULL");
        return isSuccess ? succeeded
            : await LatestAsync("NULL") is { } failed && (succeeded is null || failed.Started > succeeded.Started) ? failed
            : succeeded;

        // Each half is the end of a range of an index.
        Task<EventBuild?> LatestAsync(string main) =>
            FindAsync(
                session,
                $"""
                build.job = @job AND build.platform = @platform AND build.main_binary IS {main}
                  AND (build.start_d, build.start_ps) < (@d, @ps)
                ORDER BY build.start_d DESC, build.start_ps DESC
                LIMIT 1
                """,
                cancellationToken,
                ("@job", build.JobId),
                ("@platform", build.Platform),
                ("@d", build.Started.Days),
                ("@ps", build.Started.PicosecondsOfDay)
            );
    }

    /// <summary>What was known of the build's inputs and output before it, and is now. The first is null where there was nothing to know.</summary>
    private static async Task<(string? Old, string Current)> VerdictAsync(
        DatabaseSession session,
        EventBuild build,
        CancellationToken cancellationToken
    )
    {
        if (build.Main is not { } main)
            return (null, BuildVerdict.Failed);
        var alike = await CountAsync(main);
        var others = build.Input is not { } input
            ? []
            : await session.QueryAsync(
                """
                SELECT DISTINCT main_sha256
                FROM build
                WHERE job = @job AND input_id = @input AND main_sha256 IS NOT NULL AND id <> @id
                LIMIT 2
                """,
                static row => row.Digest(0),
                cancellationToken,
                ("@job", build.JobId),
                ("@input", input),
                ("@id", build.Id)
            );
        var current =
            others.Any(other => other != main) ? BuildVerdict.NotReproducible
            : alike > 0 ? BuildVerdict.Reproduced
            : BuildVerdict.BuiltOnce;
        var old =
            others.Count > 1 ? BuildVerdict.NotReproducible
            : others is [var only]
                ? await CountAsync(only) > 1 ? BuildVerdict.Reproduced
                    : BuildVerdict.BuiltOnce
            : alike > 1 ? BuildVerdict.Reproduced
            : alike == 1 ? BuildVerdict.BuiltOnce
            : null;
        return (old, current);

        // One and several is all that matters.
        Task<long> CountAsync(Sha256Digest output) =>
            session.IntegerAsync(
                """
                SELECT COUNT(*)
                FROM (SELECT 1 FROM build WHERE job = @job AND main_sha256 = @main AND id <> @id LIMIT 2) AS alike
                """,
                cancellationToken,
                ("@job", build.JobId),
                ("@main", output),
                ("@id", build.Id)
            );
    }

    private static Task<EventBuild?> FindAsync(
        DatabaseSession session,
        string which,
        CancellationToken cancellationToken,
        params SqlParameter[] parameters
    ) =>
        session.QueryFirstAsync(
            $"""
            SELECT build.id, build.uuid, build.job, job.name, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps,
                build.input_id, build.main_sha256, build_artifact.filepath, build_artifact.size, {StoredResult.Columns}
            FROM build
            JOIN job ON job.id = build.job
            LEFT JOIN build_artifact ON build_artifact.id = build.main_binary
            WHERE {which}
            """,
            static row => new EventBuild(
                row.BuildId(0),
                row.Uuid(1),
                row.JobId(2),
                row.Text(3),
                row.Text(4),
                row.Timestamp(5),
                row.Timestamp(7),
                row.DigestOrNull(9),
                row.DigestOrNull(10),
                row.IsNull(11) ? null : row.Bytes(11).ToString(),
                row.IntegerOrNull(12),
                row.Result(13)
            ),
            cancellationToken,
            parameters
        );
}
