using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Repetitions;

/// <summary>Jobs that were reproducible on a platform and ceased to be. A row is written when that shows, and ended when a later build is reproduced.</summary>
public static class RegressionRows
{
    /// <summary>Builds before the newest that are looked at for the last verdict.</summary>
    private const int MaxLookedAt = 20;

    private const string Columns = "id, job, platform, good_uuid, bad_uuid, found_d, found_ps";

    /// <summary>Those that last.</summary>
    /// <param name="job">Only its; null for all.</param>
    public static Task<List<StoredRegression>> OpenAsync(DatabaseSession session, JobId? job, CancellationToken cancellationToken) =>
        session.QueryAsync(
            $"SELECT {Columns} FROM regression WHERE ended_d IS NULL{(job is null ? "" : " AND job = @job")} ORDER BY job, platform",
            StoredRegression.Read,
            cancellationToken,
            job is { } one ? [("@job", one)] : []
        );

    /// <summary>In the transaction that stores a build: looks whether the newest build on its platform has another verdict now.</summary>
    /// <param name="uploaded">The build that was just stored.</param>
    /// <param name="now">When it finished.</param>
    internal static async Task JudgeAsync(
        DatabaseSession session,
        BuildId uploaded,
        JobId job,
        Platform platform,
        Timestamp now,
        CancellationToken cancellationToken
    )
    {
        var builds = await session.QueryAsync(
            $"""
            SELECT build.id, build.uuid, build.input_id, build.main_sha256
            FROM build
            WHERE build.job = @job AND build.platform = @platform AND build.main_binary IS NOT NULL AND {StartLimit.Holds()}
            ORDER BY build.start_d DESC, build.start_ps DESC
            LIMIT 1
            """,
            Read,
            cancellationToken,
            [("@job", job), ("@platform", platform), .. StartLimit.At(now).Parameters]
        );
        if (builds is not [var newest])
            return;
        if (!await DiffersAsync(session, job, newest, cancellationToken))
        {
            if (await AgreeingAsync(session, job, newest.Output, null, cancellationToken) > 1)
                await EndAsync(session, job, platform, now, cancellationToken);
            return;
        }
        if (
            await session.AnyAsync(
                "SELECT 1 FROM regression WHERE job = @job AND platform = @platform AND ended_d IS NULL",
                cancellationToken,
                ("@job", job),
                ("@platform", platform)
            )
        )
            return;
        if (await LastGoodAsync(session, job, platform, uploaded, newest, now, cancellationToken) is not { } good)
            return;
        await session.ExecuteAsync(
            """
            INSERT INTO regression (job, platform, good_uuid, bad_uuid, found_d, found_ps)
            VALUES (@job, @platform, @good, @bad, @d, @ps)
            """,
            cancellationToken,
            ("@job", job),
            ("@platform", platform),
            ("@good", good),
            ("@bad", newest.Uuid),
            ("@d", now.Days),
            ("@ps", now.PicosecondsOfDay)
        );
    }

    internal static Task RemoveAsync(DatabaseSession session, JobName job, CancellationToken cancellationToken) =>
        session.ExecuteAsync("DELETE FROM regression WHERE job = (SELECT id FROM job WHERE name = @job)", cancellationToken, ("@job", job));

    /// <summary>The build that had the last verdict before this one, where that was: reproduced.</summary>
    private static async Task<BuildUuid?> LastGoodAsync(
        DatabaseSession session,
        JobId job,
        Platform platform,
        BuildId uploaded,
        Judged newest,
        Timestamp now,
        CancellationToken cancellationToken
    )
    {
        // Others came to its output before the build that was just uploaded did not, or did.
        if (newest.Id != uploaded && await AgreeingAsync(session, job, newest.Output, uploaded, cancellationToken) > 1)
            return newest.Uuid;
        var before = await session.QueryAsync(
            $"""
            SELECT build.id, build.uuid, build.input_id, build.main_sha256
            FROM build
            WHERE build.job = @job AND build.platform = @platform AND build.main_binary IS NOT NULL AND {StartLimit.Holds()}
            ORDER BY build.start_d DESC, build.start_ps DESC
            LIMIT @most
            """,
            Read,
            cancellationToken,
            [("@job", job), ("@platform", platform), ("@most", MaxLookedAt), .. StartLimit.At(now).Parameters]
        );
        foreach (var build in before.Where(build => build.Output != newest.Output).DistinctBy(static build => build.Output))
        {
            // The other output of the same inputs is what shows the regression, and no verdict before it.
            if (build.Id == uploaded || (build.Input is not null && build.Input == newest.Input))
                continue;
            if (await DiffersAsync(session, job, build, cancellationToken))
                return null;
            if (await AgreeingAsync(session, job, build.Output, uploaded, cancellationToken) > 1)
                return build.Uuid;
        }
        return null;
    }

    private static Task<bool> DiffersAsync(DatabaseSession session, JobId job, Judged build, CancellationToken cancellationToken) =>
        session.AnyAsync(
            $"""
            SELECT 1
            WHERE EXISTS (SELECT 1 FROM build WHERE job = @job AND input_id = @input AND main_sha256 < @output)
            OR EXISTS (SELECT 1 FROM build WHERE job = @job AND input_id = @input AND main_sha256 > @output)
            OR {RepetitionRows.Differs("@job", "@output")}
            """,
            cancellationToken,
            ("@job", job),
            ("@input", (object?)build.Input ?? Array.Empty<byte>()),
            ("@output", build.Output)
        );

    /// <summary>How many builds came to the output, no more than two.</summary>
    private static Task<long> AgreeingAsync(
        DatabaseSession session,
        JobId job,
        Sha256Digest output,
        BuildId? except,
        CancellationToken cancellationToken
    ) =>
        session.IntegerAsync(
            """
            SELECT COUNT(*) FROM (
              SELECT 1 FROM build WHERE job = @job AND main_sha256 = @output AND id <> @except LIMIT 2) AS agreeing
            """,
            cancellationToken,
            ("@job", job),
            ("@output", output),
            ("@except", except ?? new BuildId(0))
        );

    private static Task<int> EndAsync(
        DatabaseSession session,
        JobId job,
        Platform platform,
        Timestamp now,
        CancellationToken cancellationToken
    ) =>
        session.ExecuteAsync(
            "UPDATE regression SET ended_d = @d, ended_ps = @ps WHERE job = @job AND platform = @platform AND ended_d IS NULL",
            cancellationToken,
            ("@d", now.Days),
            ("@ps", now.PicosecondsOfDay),
            ("@job", job),
            ("@platform", platform)
        );

    private static Judged Read(Row row) => new(row.BuildId(0), row.Uuid(1), row.DigestOrNull(2), row.Digest(3));

    private sealed record Judged(BuildId Id, BuildUuid Uuid, Sha256Digest? Input, Sha256Digest Output);
}
