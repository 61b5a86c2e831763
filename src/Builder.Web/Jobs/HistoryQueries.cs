using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Web.Jobs;

/// <summary>What the history of a job asks of the database.</summary>
internal static class HistoryQueries
{
    /// <summary>The newest builds on one platform, oldest first.</summary>
    public static async Task<List<HistoryBuild>> BuildsAsync(
        DatabaseSession session,
        JobId job,
        string platform,
        StartLimit limit,
        int count,
        CancellationToken cancellationToken
    )
    {
        List<HistoryBuild> builds = [.. await OfAsync("IS NOT NULL"), .. await OfAsync("IS NULL")];
        builds.Sort(static (one, other) => one.Started.CompareTo(other.Started));
        builds = builds.Count > count ? builds[^count..] : builds;
        var packages = await PackagesAsync(
            session,
            builds.Where(static build => build.Size is not null).Select(static build => build.Id),
            cancellationToken
        );
        Sha256Digest? before = null;
        for (var i = 0; i < builds.Count; i++)
        {
            var input = builds[i].InputId;
            builds[i] = builds[i] with
            {
                Packages = packages.TryGetValue(builds[i].Id, out var number) ? number : null,
                HasOtherInputs = before is not null && input is not null && input != before,
            };
            before = input ?? before;
        }
        return builds;

        // By two indexes: each holds one kind of builds.
        Task<List<HistoryBuild>> OfAsync(string main) =>
            session.QueryAsync(
                $"""
                SELECT build.id, build.uuid, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps,
                  build.input_id, main.size, build.console, {StoredResult.Columns}
                FROM build
                LEFT JOIN build_artifact AS main ON main.id = build.main_binary
                WHERE build.job = @job AND build.platform = @platform AND build.main_binary {main} AND {StartLimit.Holds()}
                ORDER BY build.start_d DESC, build.start_ps DESC
                LIMIT @count
                """,
                static row => new HistoryBuild(
                    row.BuildId(0),
                    row.Uuid(1),
                    row.Text(2),
                    row.Timestamp(3),
                    row.Timestamp(5),
                    row.DigestOrNull(7),
                    row.IntegerOrNull(8),
                    row.Text(9),
                    row.Result(10)
                ),
                cancellationToken,
                [("@job", job), ("@platform", platform), ("@count", count), .. limit.Parameters]
            );
    }

    /// <summary>How many packages the opam switches of builds have. Builds without one, or not indexed yet, are missing.</summary>
    private static async Task<Dictionary<BuildId, long>> PackagesAsync(
        DatabaseSession session,
        IEnumerable<BuildId> builds,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<BuildId, long>();
        foreach (var piece in SqlValues.Pieces(builds, none: -1L))
        {
            var rows = await session.QueryAsync(
                $"""
                SELECT build_artifact.build, (SELECT COUNT(*) FROM package_member WHERE package_member.package_set = package_set.id)
                FROM build_artifact
                JOIN package_set ON package_set.sha256 = build_artifact.sha256
                WHERE build_artifact.build IN ({SqlValues.List}) AND build_artifact.filepath = 'opam-switch'
                """,
                static row => (Build: row.BuildId(0), Count: row.Integer(1)),
                cancellationToken,
                piece
            );
            foreach (var (build, count) in rows)
                found[build] = count;
        }
        return found;
    }
}

/// <param name="Size">Of the main binary, in bytes; null where the build failed.</param>
/// <param name="Console">Path of its console, relative to the data directory.</param>
public sealed record HistoryBuild(
    BuildId Id,
    BuildUuid Uuid,
    string Platform,
    Timestamp Started,
    Timestamp Finished,
    Sha256Digest? InputId,
    long? Size,
    string Console,
    ExecutionResult Result
)
{
    /// <summary>In the opam switch; null where that is not known.</summary>
    public long? Packages { get; init; }

    /// <summary>Other inputs than the build before on this platform.</summary>
    public bool HasOtherInputs { get; init; }

    /// <summary>Null where the worker did not measure it.</summary>
    public TimeSpan? ProcessorTime { get; init; }

    /// <summary>Bytes at peak; null where the worker did not measure it.</summary>
    public long? Memory { get; init; }

    public TimeSpan Took => Finished - Started;
}
