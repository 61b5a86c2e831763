using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Differences;

/// <summary>
/// Finds builds of the same inputs with different main binaries whose reason is still to be computed. Each output is compared with the one that came
/// before it, so a job that never comes to the same output costs one comparison a build.
/// </summary>
public static class WantedDifferences
{
    /// <summary>Inputs with several outputs that are looked at after a start, the latest first.</summary>
    private const int MaxInputs = 10_000;

    /// <summary>Outputs of one input that are looked at, the latest first.</summary>
    private const int MaxOutputs = 200;

    /// <summary>All inputs of which several outputs are known, the one with the latest build first.</summary>
    public static Task<List<(JobId Job, Sha256Digest Input)>> InputsAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.QueryAsync(
            """
            SELECT job, input_id
            FROM build
            WHERE input_id IS NOT NULL AND main_sha256 IS NOT NULL
            GROUP BY job, input_id
            HAVING COUNT(DISTINCT main_sha256) > 1
            ORDER BY MAX(id) DESC
            LIMIT @most
            """,
            static row => (row.JobId(0), row.Digest(1)),
            cancellationToken,
            ("@most", MaxInputs)
        );

    /// <summary>The inputs of a build; null where they are not known, it left no main binary, or it is gone.</summary>
    public static Task<(JobId Job, Sha256Digest Input)?> InputOfAsync(
        DatabaseSession session,
        BuildUuid build,
        CancellationToken cancellationToken
    ) =>
        session.QueryFirstAsync(
            "SELECT job, input_id FROM build WHERE uuid = @uuid AND input_id IS NOT NULL AND main_sha256 IS NOT NULL",
            static row => ((JobId, Sha256Digest)?)(row.JobId(0), row.Digest(1)),
            cancellationToken,
            ("@uuid", build)
        );

    /// <summary>Repetitions with another main binary than the build that they repeat, the latest first.</summary>
    /// <param name="build">One of the two; null for all.</param>
    public static async Task<List<WantedDifference>> OfRepetitionsAsync(
        DatabaseSession session,
        BuildUuid? build,
        CancellationToken cancellationToken
    )
    {
        var rows = await session.QueryAsync(
            $"""
            SELECT repeated, output, repeats, build_uuid
            FROM repetition
            WHERE output <> repeated{(build is null ? "" : " AND (build_uuid = @uuid OR repeats = @uuid)")}
            ORDER BY id DESC
            LIMIT @most
            """,
            static row => new WantedDifference(OutputPair.Of(row.Digest(0), row.Digest(1)), row.Uuid(2), row.Uuid(3))
            {
                IsRepetition = true,
            },
            cancellationToken,
            build is { } one ? [("@uuid", one), ("@most", MaxInputs)] : [("@most", MaxInputs)]
        );
        var wanted = new List<WantedDifference>();
        foreach (var row in rows.DistinctBy(static row => row.Pair))
        {
            if (
                await DifferenceRows.FindAsync(session, row.Pair, cancellationToken) is { } known
                && (known.IsGivenUp || (known.Causes is not null && known.IsSameInput))
            )
                continue;
            wanted.Add(row);
        }
        return wanted;
    }

    /// <summary>The latest first.</summary>
    public static async Task<List<WantedDifference>> OfInputAsync(
        DatabaseSession session,
        JobId job,
        Sha256Digest input,
        CancellationToken cancellationToken
    )
    {
        var outputs = await session.QueryAsync(
            """
            SELECT build.main_sha256, build.uuid
            FROM build
            JOIN (
                SELECT MIN(id) AS id
                FROM build
                WHERE job = @job AND input_id = @input AND main_sha256 IS NOT NULL
                GROUP BY main_sha256
            ) AS earliest ON earliest.id = build.id
            ORDER BY build.id DESC
            LIMIT @most
            """,
            static row => (Output: row.Digest(0), Build: row.Uuid(1)),
            cancellationToken,
            ("@job", job),
            ("@input", input),
            ("@most", MaxOutputs)
        );
        var wanted = new List<WantedDifference>();
        foreach (var (later, earlier) in outputs.Zip(outputs.Skip(1)))
        {
            var pair = OutputPair.Of(earlier.Output, later.Output);
            if (
                await DifferenceRows.FindAsync(session, pair, cancellationToken) is { } known
                && (known.IsGivenUp || (known.Causes is not null && known.IsSameInput))
            )
                continue;
            wanted.Add(new WantedDifference(pair, earlier.Build, later.Build));
        }
        return wanted;
    }

    /// <summary>How many results were written after a revision, and the jobs that have one of their main binaries.</summary>
    public static async Task<(int Results, IReadOnlyCollection<string> Jobs)> ChangedSinceAsync(
        DatabaseSession session,
        long revision,
        CancellationToken cancellationToken
    )
    {
        var results = (int)
            await session.IntegerAsync(
                "SELECT COUNT(*) FROM difference WHERE revision > @revision",
                cancellationToken,
                ("@revision", revision)
            );
        if (results == 0)
            return (0, []);
        var jobs = await session.QueryAsync(
            """
            SELECT job.name
            FROM build
            JOIN job ON job.id = build.job
            WHERE build.main_binary IN (
                SELECT id FROM build_artifact WHERE sha256 IN (
                    SELECT left_sha256 FROM difference WHERE revision > @revision
                    UNION ALL
                    SELECT right_sha256 FROM difference WHERE revision > @revision))
            """,
            static row => row.Text(0),
            cancellationToken,
            ("@revision", revision)
        );
        return (results, jobs.ToHashSet(StringComparer.Ordinal));
    }
}
