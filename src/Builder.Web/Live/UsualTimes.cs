using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Web.Live;

/// <summary>How long a job usually takes on a platform: the median of its last successful builds. Kept while no build is stored.</summary>
internal sealed class UsualTimes
{
    private const int Builds = 7;
    private const int MaxPairs = 400;

    private readonly Lock gate = new();
    private Dictionary<(string Job, string Platform), TimeSpan?> known = [];
    private long knownAt = -1;

    /// <summary>When the jobs of the snapshot are expected to begin and end.</summary>
    public async Task<QueueForecast> ForecastAsync(
        DatabaseSession session,
        ActivitySnapshot activity,
        Timestamp now,
        CancellationToken cancellationToken
    )
    {
        if (activity.Info is not { } info)
            return QueueForecast.Nothing;
        var wanted = info
            .Running.Select(static running => (running.Job.Name.ToString(), running.Job.Platform.ToString()))
            .Concat(
                info.Queues.SelectMany(static queue =>
                    queue.Jobs.Take(QueueForecast.MaxShown).Select(job => (job.Name.ToString(), queue.Platform.ToString()))
                )
            )
            .Distinct()
            .Take(MaxPairs)
            .ToList();
        var revision = await session.RevisionAsync(cancellationToken);
        var times = new Dictionary<(string Job, string Platform), TimeSpan>();
        foreach (var pair in wanted)
        {
            if (await OfAsync(session, pair, revision, cancellationToken) is { } time)
                times[pair] = time;
        }
        return QueueForecast.Of(activity, times, now);
    }

    private async Task<TimeSpan?> OfAsync(
        DatabaseSession session,
        (string Job, string Platform) pair,
        long revision,
        CancellationToken cancellationToken
    )
    {
        lock (gate)
        {
            if (knownAt != revision)
                (known, knownAt) = ([], revision);
            if (known.TryGetValue(pair, out var time))
                return time;
        }
        var found = await MedianAsync(session, pair.Job, pair.Platform, cancellationToken);
        lock (gate)
        {
            if (knownAt == revision)
                known[pair] = found;
        }
        return found;
    }

    private static async Task<TimeSpan?> MedianAsync(
        DatabaseSession session,
        string job,
        string platform,
        CancellationToken cancellationToken
    )
    {
        var times = await session.QueryAsync(
            """
            SELECT start_d, start_ps, finish_d, finish_ps
            FROM build
            WHERE job = (SELECT id FROM job WHERE name = @job) AND platform = @platform AND main_binary IS NOT NULL
            ORDER BY start_d DESC, start_ps DESC
            LIMIT @builds
            """,
            static row => row.Timestamp(2) - row.Timestamp(0),
            cancellationToken,
            ("@job", job),
            ("@platform", platform),
            ("@builds", Builds)
        );
        times.Sort();
        return times.Count == 0 ? null : times[times.Count / 2];
    }
}
