using System.Globalization;
using System.Text.Json.Nodes;
using Builder.Protocol.Messages;
using Builder.Storage.Outbox;

namespace Builder.Web.Live;

/// <summary>
/// Finds workers that went away and queues that nobody works on, from what the build server says now and said before. Nothing of it is kept: after a restart
/// of the site a worker counts from when it is seen again.
/// </summary>
internal sealed class ServerTroubles
{
    /// <summary>A worker that takes one job a process is away for moments, one whose machine restarts for minutes.</summary>
    public static readonly TimeSpan MinAbsence = TimeSpan.FromMinutes(5);

    /// <summary>Jobs of a platform may wait so long for a worker that is started for them.</summary>
    public static readonly TimeSpan MinWait = TimeSpan.FromMinutes(15);

    /// <summary>More names are not remembered: an orchestrator gives each worker a new one.</summary>
    private const int MaxWorkers = 10_000;

    private readonly Dictionary<string, Seen> workers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Stuck> queues = new(StringComparer.Ordinal);
    private DateTimeOffset? last;

    /// <summary>What is news since the last call.</summary>
    /// <param name="known">Null where the server does not tell of its workers: then nothing is found.</param>
    /// <param name="isContinuous">False where the server was away meanwhile: its workers have to come back first.</param>
    public IReadOnlyList<NewEvent> Look(ServerInfo info, ServerWorkers? known, bool isContinuous, DateTimeOffset now)
    {
        if (known is null)
            return [];
        if (!isContinuous || last is null)
        {
            foreach (var seen in workers.Values)
                seen.At = now;
            foreach (var stuck in queues.Values)
                stuck.Since = now;
        }
        last = now;
        return [.. Lost(known, now), .. Waiting(info, known, now)];
    }

    private IEnumerable<NewEvent> Lost(ServerWorkers known, DateTimeOffset now)
    {
        foreach (var worker in known.Workers)
        {
            var name = worker.StableName ?? worker.Name;
            if (workers.TryGetValue(name, out var seen))
                (seen.At, seen.Platform) = (now, worker.Platform);
            else if (workers.Count < MaxWorkers)
                workers.Add(name, new Seen { At = now, Platform = worker.Platform });
        }
        foreach (var (name, seen) in workers.Where(one => now - one.Value.At >= MinAbsence).ToList())
        {
            workers.Remove(name);
            // Who takes a worker out of service knows that it is gone.
            if (known.Drained.Contains(name, StringComparer.Ordinal))
                continue;
            var data = new JsonObject
            {
                ["version"] = 1,
                ["worker"] = name,
                ["platform"] = seen.Platform,
                ["last_seen"] = Time(seen.At),
            };
            yield return new NewEvent(
                $"{EventKind.WorkerLost}/{name}/{seen.At.ToUnixTimeSeconds()}",
                EventKind.WorkerLost,
                null,
                seen.Platform,
                null,
                data.ToJsonString()
            );
        }
    }

    private IEnumerable<NewEvent> Waiting(ServerInfo info, ServerWorkers known, DateTimeOffset now)
    {
        var served = known.Workers.Select(static worker => worker.Platform).ToHashSet(StringComparer.Ordinal);
        var waiting = info
            .Queues.Where(queue => queue.Jobs.Count > 0 && !info.DroppedPlatforms.Contains(queue.Platform))
            .Select(static queue => (Platform: queue.Platform.ToString(), queue.Jobs.Count))
            .Where(queue => !served.Contains(queue.Platform))
            .ToList();
        foreach (var gone in queues.Keys.Except(waiting.Select(static queue => queue.Platform)).ToList())
            queues.Remove(gone);
        foreach (var (platform, count) in waiting)
        {
            if (!queues.TryGetValue(platform, out var stuck))
                queues.Add(platform, stuck = new Stuck { Since = now });
            if (stuck.IsTold || now - stuck.Since < MinWait)
                continue;
            stuck.IsTold = true;
            var data = new JsonObject
            {
                ["version"] = 1,
                ["platform"] = platform,
                ["waiting"] = count,
                ["since"] = Time(stuck.Since),
            };
            yield return new NewEvent(
                $"{EventKind.QueueStuck}/{platform}/{stuck.Since.ToUnixTimeSeconds()}",
                EventKind.QueueStuck,
                null,
                platform,
                null,
                data.ToJsonString()
            );
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private sealed class Seen
    {
        public DateTimeOffset At { get; set; }

        public string Platform { get; set; } = "";
    }

    private sealed class Stuck
    {
        public DateTimeOffset Since { get; set; }

        public bool IsTold { get; set; }
    }
}
