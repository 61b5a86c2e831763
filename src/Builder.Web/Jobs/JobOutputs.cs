using Builder.Analysis.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Web.Jobs;

/// <summary>
/// The newest build of each main binary of a job, and failed builds each for itself where they are wanted, newest first. A page of them costs the same
/// however many builds the job has: they are gone through from the newest on until the page is full. Only where thousands of builds put out
/// what few others did not, and for pages far back, the outputs are gone through one by one instead. Builds that say they started in the future come last.
/// </summary>
internal static class JobOutputs
{
    /// <summary>Newest builds that are looked at for a page; in a usual history some ten come to the same output.</summary>
    private const int MaxExamined = 2000;

    private const string SelectBuild = """
        SELECT shown.uuid, shown.platform, shown.start_d, shown.start_ps, shown.finish_d, shown.finish_ps,
          shown.result_kind, shown.result_number, shown.result_msg, shown.main_sha256, shown.input_id, main.size, main.filepath
        """;

    /// <param name="platform">Only builds there; null for all.</param>
    public static async Task<List<JobOutput>> PageAsync(
        DatabaseSession session,
        JobId job,
        string? platform,
        bool withFailed,
        StartLimit limit,
        int start,
        int count,
        CancellationToken cancellationToken
    )
    {
        var ids =
            await NewestAsync(session, job, platform, withFailed, limit, start, count, cancellationToken)
            ?? await OneByOneAsync(session, job, platform, withFailed, limit, start, count, cancellationToken);
        var outputs = new List<JobOutput>(ids.Count);
        foreach (var parameters in SqlValues.Pieces(ids, none: 0L, [("@job", job), .. limit.Parameters]))
            outputs.AddRange(await WithEarlierAsync(session, parameters, cancellationToken));
        return outputs;
    }

    /// <summary>All of them.</summary>
    public static async Task<List<JobBuild>> AllAsync(
        DatabaseSession session,
        JobId job,
        string? platform,
        bool withFailed,
        StartLimit limit,
        CancellationToken cancellationToken
    )
    {
        var ids = await OneByOneAsync(session, job, platform, withFailed, limit, 0, int.MaxValue, cancellationToken);
        var builds = new List<JobBuild>(ids.Count);
        foreach (var parameters in SqlValues.Pieces(ids, none: 0L, limit.Parameters))
            builds.AddRange(await BuildsAsync(session, parameters, cancellationToken));
        return builds;
    }

    /// <summary>Null where the newest builds do not fill the page, but older ones might.</summary>
    private static async Task<List<BuildId>?> NewestAsync(
        DatabaseSession session,
        JobId job,
        string? platform,
        bool withFailed,
        StartLimit limit,
        int start,
        int count,
        CancellationToken cancellationToken
    )
    {
        var seen = new HashSet<Sha256Digest>();
        var (page, found) = (new List<BuildId>(count), 0);
        foreach (var condition in (string[])[StartLimit.Holds(), StartLimit.IsExceeded()])
        {
            var lookedAt = 0;
            await foreach (var (id, output) in InOrderAsync(session, job, platform, withFailed, condition, limit, cancellationToken))
            {
                lookedAt++;
                if (output is { } hash && !seen.Add(hash) || ++found <= start)
                    continue;
                page.Add(id);
                if (page.Count == count)
                    return page;
            }
            if (lookedAt == MaxExamined)
                return null;
        }
        return page;
    }

    private static IAsyncEnumerable<(BuildId Id, Sha256Digest? Output)> InOrderAsync(
        DatabaseSession session,
        JobId job,
        string? platform,
        bool withFailed,
        string condition,
        StartLimit limit,
        CancellationToken cancellationToken
    )
    {
        const string Columns = "SELECT id, main_sha256, start_d, start_ps FROM build";
        var ofPlace = (platform is null ? "WHERE job = @job" : "WHERE job = @job AND platform = @platform") + $" AND {condition}";
        var builds = (platform, withFailed) switch
        {
            (null, true) => $"{Columns} {ofPlace}",
            (_, false) => $"{Columns} {ofPlace} AND main_binary IS NOT NULL",
            // Each half comes in order from an index of its own.
            (_, true) => $"{Columns} {ofPlace} AND main_binary IS NOT NULL UNION ALL {Columns} {ofPlace} AND main_binary IS NULL",
        };
        return session.StreamAsync(
            $"""
            {builds}
            ORDER BY start_d DESC, start_ps DESC
            LIMIT @most
            """,
            static row => (Id: row.BuildId(0), Output: row.DigestOrNull(1)),
            cancellationToken,
            Parameters(platform, [("@job", job), ("@most", MaxExamined), .. limit.Parameters])
        );
    }

    /// <summary>From output to output through the index.</summary>
    private static Task<List<BuildId>> OneByOneAsync(
        DatabaseSession session,
        JobId job,
        string? platform,
        bool withFailed,
        StartLimit limit,
        int start,
        int count,
        CancellationToken cancellationToken
    )
    {
        var onPlatform = platform is null ? "" : "AND build.platform = @platform";
        var failed = !withFailed
            ? ""
            : $"""

                  UNION ALL
                  SELECT build.id FROM build
                  WHERE build.job = @job AND build.main_binary IS NULL {onPlatform}
                """;
        return session.QueryAsync(
            $"""
            WITH RECURSIVE output(hash) AS (
              SELECT (SELECT main_sha256 FROM build WHERE job = @job AND main_sha256 IS NOT NULL ORDER BY main_sha256 LIMIT 1)
              UNION ALL
              SELECT (SELECT main_sha256 FROM build WHERE job = @job AND main_sha256 > output.hash ORDER BY main_sha256 LIMIT 1)
              FROM output
              WHERE output.hash IS NOT NULL
            ), shown(id) AS (
              SELECT COALESCE(
                (SELECT build.id FROM build
                 WHERE build.job = @job AND build.main_sha256 = output.hash {onPlatform} AND {StartLimit.Holds()}
                 ORDER BY build.start_d DESC, build.start_ps DESC
                 LIMIT 1),
                (SELECT build.id FROM build
                 WHERE build.job = @job AND build.main_sha256 = output.hash {onPlatform}
                 ORDER BY build.start_d DESC, build.start_ps DESC
                 LIMIT 1))
              FROM output
              WHERE output.hash IS NOT NULL{failed}
            )
            SELECT build.id
            FROM shown
            JOIN build ON build.id = shown.id
            ORDER BY {StartLimit.NewestFirst()}
            LIMIT @count OFFSET @start
            """,
            static row => row.BuildId(0),
            cancellationToken,
            Parameters(platform, [("@job", job), ("@count", count), ("@start", start), .. limit.Parameters])
        );
    }

    /// <summary>Each with the newest build before it, on its platform, that has another output.</summary>
    private static Task<List<JobOutput>> WithEarlierAsync(
        DatabaseSession session,
        SqlParameter[] parameters,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"""
            {SelectBuild}, earlier.uuid, earlier_main.size
            FROM build AS shown
            LEFT JOIN build_artifact AS main ON main.id = shown.main_binary
            LEFT JOIN build AS earlier ON earlier.id = (
              SELECT other.id FROM build AS other
              WHERE other.job = @job AND other.platform = shown.platform AND other.main_binary IS NOT NULL
                AND (other.start_d, other.start_ps) < (shown.start_d, shown.start_ps) AND other.main_sha256 <> shown.main_sha256
              ORDER BY other.start_d DESC, other.start_ps DESC
              LIMIT 1)
            LEFT JOIN build_artifact AS earlier_main ON earlier_main.id = earlier.main_binary
            WHERE shown.id IN ({SqlValues.List})
            ORDER BY {StartLimit.NewestFirst("shown")}
            """,
            static row => new JobOutput(Build(row), row.IsNull(13) ? null : new EarlierOutput(row.Uuid(13), row.Integer(14))),
            cancellationToken,
            parameters
        );

    private static Task<List<JobBuild>> BuildsAsync(
        DatabaseSession session,
        SqlParameter[] parameters,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"""
            {SelectBuild}
            FROM build AS shown
            LEFT JOIN build_artifact AS main ON main.id = shown.main_binary
            WHERE shown.id IN ({SqlValues.List})
            ORDER BY {StartLimit.NewestFirst("shown")}
            """,
            Build,
            cancellationToken,
            parameters
        );

    private static JobBuild Build(Row row) =>
        new(
            row.Uuid(0),
            row.Text(1),
            row.Timestamp(2),
            row.Timestamp(4),
            row.DigestOrNull(10),
            row.IsNull(9) ? null : new MainBinary(row.Bytes(12), row.Digest(9), row.Integer(11)),
            row.Result(6)
        );

    private static SqlParameter[] Parameters(string? platform, params SqlParameter[] parameters) =>
        platform is null ? parameters : [.. parameters, ("@platform", platform)];
}
