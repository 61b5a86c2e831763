using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Repacking;

/// <summary>Which contents there are to pack, and in which order.</summary>
internal static class PackingRows
{
    /// <param name="IsPacked">It is stored packed, or was found to stay as it is.</param>
    public sealed record Content(ByteString Path, Sha256Digest Digest, long Size, bool IsPacked, int Depth);

    public static Task<List<(JobId Job, string Platform)>> PlacesAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.QueryAsync(
            "SELECT DISTINCT job, platform FROM build ORDER BY job, platform",
            static row => (row.JobId(0), row.Text(1)),
            cancellationToken
        );

    /// <summary>Contents of the newest build of each job and platform, and of the newest that left a main binary: these are read most.</summary>
    public static async Task<HashSet<Sha256Digest>> HotAsync(DatabaseSession session, Timestamp now, CancellationToken cancellationToken) =>
        [
            .. await session.QueryAsync(
                $"""
                SELECT DISTINCT build_artifact.sha256
                FROM (
                    SELECT build.id,
                        ROW_NUMBER() OVER (PARTITION BY build.job, build.platform ORDER BY {StartLimit.NewestFirst()}, build.id DESC) AS place,
                        ROW_NUMBER() OVER (PARTITION BY build.job, build.platform, CASE WHEN build.main_binary IS NULL THEN 0 ELSE 1 END
                            ORDER BY {StartLimit.NewestFirst()}, build.id DESC) AS place_of_kind,
                        build.main_binary
                    FROM build
                ) AS placed
                JOIN build_artifact ON build_artifact.build = placed.id
                WHERE place = 1 OR (place_of_kind = 1 AND placed.main_binary IS NOT NULL)
                """,
                static row => row.Digest(0),
                cancellationToken,
                StartLimit.At(now).Parameters
            ),
        ];

    /// <summary>All artifacts of a job on a platform: path by path, and those of a path from the oldest on.</summary>
    public static Task<List<Content>> ContentsAsync(
        DatabaseSession session,
        JobId job,
        string platform,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            """
            SELECT build_artifact.filepath, build_artifact.sha256, build_artifact.size, packed_content.depth
            FROM build
            JOIN build_artifact ON build_artifact.build = build.id
            LEFT JOIN packed_content ON packed_content.sha256 = build_artifact.sha256
            WHERE build.job = @job AND build.platform = @platform
            ORDER BY build_artifact.filepath, build.start_d, build.start_ps, build.id
            """,
            static row => new Content(row.Bytes(0), row.Digest(1), row.Integer(2), !row.IsNull(3), (int)(row.IntegerOrNull(3) ?? 0)),
            cancellationToken,
            ("@job", job),
            ("@platform", platform)
        );

    /// <summary>How many contents were not looked at yet.</summary>
    public static Task<long> CountAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.IntegerAsync(
            """
            SELECT COUNT(DISTINCT sha256)
            FROM build_artifact
            WHERE NOT EXISTS (SELECT 1 FROM packed_content WHERE packed_content.sha256 = build_artifact.sha256)
            """,
            cancellationToken
        );

    public static async Task<PackingTotals> TotalsAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        await session.QueryFirstAsync(
            """
            SELECT COALESCE(SUM(CASE WHEN base IS NULL THEN 0 ELSE 1 END), 0), COALESCE(SUM(CASE WHEN base IS NULL THEN 1 ELSE 0 END), 0),
                COALESCE(SUM(size), 0), COALESCE(SUM(packed_size + whole * size), 0)
            FROM packed_content
            WHERE object IS NOT NULL
            """,
            static row => new PackingTotals(row.Integer(0), row.Integer(1), row.Integer(2), row.Integer(3)),
            cancellationToken
        ) ?? new PackingTotals(0, 0, 0, 0);
}
