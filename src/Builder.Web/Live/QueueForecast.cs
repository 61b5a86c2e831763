using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Web.Live;

/// <summary>A job that waits.</summary>
/// <param name="Position">In the queue of its platform, from 1.</param>
/// <param name="Start">Null where it cannot be told.</param>
/// <param name="Reason">Why it cannot.</param>
public sealed record WaitingJob(int Position, string Job, string Platform, Timestamp? Start, Timestamp? End, string Reason);

/// <summary>When jobs are expected to begin and end, from how long the same job took on the same platform before.</summary>
/// <param name="Others">Waiting jobs that are not listed.</param>
public sealed record QueueForecast(IReadOnlyList<WaitingJob> Waiting, int Others)
{
    /// <summary>Jobs of all queues together.</summary>
    public const int MaxShown = 100;

    private readonly IReadOnlyDictionary<(string Job, string Platform), TimeSpan> usual = new Dictionary<(string, string), TimeSpan>();

    private QueueForecast(IReadOnlyList<WaitingJob> waiting, int others, IReadOnlyDictionary<(string Job, string Platform), TimeSpan> usual)
        : this(waiting, others) => this.usual = usual;

    public static QueueForecast Nothing { get; } = new([], 0);

    /// <summary>How long builds of the running job took on its platform; null where none succeeded.</summary>
    public TimeSpan? Usual(RunningJob running) =>
        usual.TryGetValue((running.Job.Name.ToString(), running.Job.Platform.ToString()), out var time) ? time : null;

    /// <summary>Each worker of a platform takes the next job of its queue when it is free.</summary>
    public static QueueForecast Of(
        ActivitySnapshot activity,
        IReadOnlyDictionary<(string Job, string Platform), TimeSpan> usual,
        Timestamp now
    )
    {
        if (activity.Info is not { } info)
            return Nothing;
        var waiting = new List<WaitingJob>();
        foreach (var queue in info.Queues)
        {
            var platform = queue.Platform.ToString();
            var free = FreeTimes(activity, info, platform, usual, now);
            foreach (var (index, job) in queue.Jobs.Take(MaxShown - waiting.Count).Index())
                waiting.Add(Place(index + 1, job.Name.ToString(), platform, free, usual));
        }
        return new QueueForecast(waiting, activity.Waiting - waiting.Count, usual);
    }

    private static WaitingJob Place(
        int position,
        string job,
        string platform,
        PriorityQueue<Timestamp?, Timestamp> free,
        IReadOnlyDictionary<(string Job, string Platform), TimeSpan> usual
    )
    {
        if (free.Count == 0)
            return new WaitingJob(position, job, platform, null, null, "no worker is connected");
        if (free.Dequeue() is not { } start)
        {
            free.Enqueue(null, Timestamp.Never);
            return new WaitingJob(position, job, platform, null, null, "unknown");
        }
        Timestamp? end = usual.TryGetValue((job, platform), out var time) ? start + time : null;
        free.Enqueue(end, end ?? Timestamp.Never);
        return new WaitingJob(position, job, platform, start, end, "");
    }

    /// <summary>When each worker of the platform is free; null where that is not known.</summary>
    private static PriorityQueue<Timestamp?, Timestamp> FreeTimes(
        ActivitySnapshot activity,
        ServerInfo info,
        string platform,
        IReadOnlyDictionary<(string Job, string Platform), TimeSpan> usual,
        Timestamp now
    )
    {
        var free = new PriorityQueue<Timestamp?, Timestamp>();
        foreach (var running in info.Running.Where(running => running.Job.Platform.ToString() == platform))
        {
            Timestamp? end = usual.TryGetValue((running.Job.Name.ToString(), platform), out var time) ? running.Started + time : null;
            end = end < now ? now : end;
            free.Enqueue(end, end ?? Timestamp.Never);
        }
        foreach (
            var _ in activity.Workers?.Workers.Where(worker => worker is { Job: null, IsDrained: false } && worker.Platform == platform)
                ?? []
        )
            free.Enqueue(now, now);
        return free;
    }
}
