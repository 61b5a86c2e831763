using Builder.Protocol.Values;
using Builder.Server.Options;

namespace Builder.Server.Scheduling;

/// <summary>
/// The jobs that wait for a worker of one platform, each at most once. Every operation is logarithmic at most, however many wait.
/// Entries that cannot be handed out at present (an orb build job without template, a job that this platform is building already)
/// are set aside and keep their place.
/// </summary>
internal sealed class JobQueue
{
    private readonly Dictionary<JobName, QueueEntry> entries = [];
    private readonly OrderedPieces<QueueEntry> ordered = new((left, right) => left.Position.CompareTo(right.Position));

    /// <summary>What can be handed out, and entries that have left or moved since: those are recognised when they come to the head.</summary>
    private readonly PriorityQueue<QueueEntry, QueuePosition> ready = new();

    private readonly Dictionary<JobName, QueueEntry> withoutTemplate = [];
    private readonly Dictionary<JobName, QueueEntry> alreadyRunning = [];
    private readonly Dictionary<JobName, QueueEntry> held = [];
    private readonly Dictionary<(string Owner, int Priority), long> nextTags = [];
    private long lastSequence;

    public JobQueue(Platform platform, long virtualTime)
    {
        Platform = platform;
        VirtualTime = virtualTime;
    }

    public Platform Platform { get; }

    /// <summary>The tag handed out last: nobody's next tag is earlier.</summary>
    public long VirtualTime { get; private set; }

    public int Count => entries.Count;

    /// <summary>Orb build jobs that wait for this platform's template.</summary>
    public IReadOnlyCollection<QueueEntry> WithoutTemplate => withoutTemplate.Values;

    /// <summary>Jobs that a <see cref="JobHold"/> keeps queued, as far as they have come to the head.</summary>
    public int HeldCount => held.Count;

    /// <summary>All that waits, head first. Quick, however much that is.</summary>
    public Ordered<QueueEntry> InOrder() => ordered.Look();

    public bool Contains(JobName name) => entries.ContainsKey(name);

    public QueueEntry? Find(JobName name) => entries.GetValueOrDefault(name);

    public QueueEntry? Head
    {
        get
        {
            while (ready.TryPeek(out var entry, out _))
            {
                if (IsReady(entry))
                    return entry;
                ready.Dequeue();
            }
            return null;
        }
    }

    /// <summary>When the head came, or null where nothing waits that could be handed out.</summary>
    public Timestamp? HeadSince => Head?.Since;

    public QueuePosition PositionAtFront(int priority) => new(Front: true, Tag: 0, priority, lastSequence + 1);

    public QueuePosition PositionFor(string owner, int priority) =>
        new(Front: false, Math.Max(VirtualTime, nextTags.GetValueOrDefault((owner, priority))), priority, lastSequence + 1);

    /// <summary>Puts the entry where its position says, taking it away from where it stood before.</summary>
    public void Put(QueueEntry entry)
    {
        Remove(entry.Name);
        entries.Add(entry.Name, entry);
        ordered.Add(entry);
        MakeReady(entry);
        lastSequence = Math.Max(lastSequence, entry.Position.Sequence);
        if (!entry.Position.Front)
        {
            var flow = (entry.Owner, entry.Priority);
            nextTags[flow] = Math.Max(nextTags.GetValueOrDefault(flow), entry.Position.Tag + CostOf(entry.Priority));
        }
    }

    public bool Remove(JobName name)
    {
        if (!entries.Remove(name, out var entry))
            return false;
        ordered.Remove(entry);
        withoutTemplate.Remove(name);
        alreadyRunning.Remove(name);
        held.Remove(name);
        return true;
    }

    /// <summary>Takes the entry away because a worker gets it.</summary>
    public void Take(JobName name)
    {
        if (entries.TryGetValue(name, out var entry) && !entry.Position.Front)
            VirtualTime = Math.Max(VirtualTime, entry.Position.Tag);
        Remove(name);
        if (entries.Count == 0)
            nextTags.Clear();
    }

    public void SetAsideWithoutTemplate(QueueEntry entry) => SetAside(entry, withoutTemplate);

    /// <summary>For as long as this process runs.</summary>
    public void SetAsideHeld(QueueEntry entry) => SetAside(entry, held);

    public void SetAsideAlreadyRunning(QueueEntry entry) => SetAside(entry, alreadyRunning);

    /// <summary>The platform has a template now.</summary>
    public void ReleaseWithoutTemplate()
    {
        var released = withoutTemplate.Values.ToArray();
        withoutTemplate.Clear();
        foreach (var entry in released)
            MakeReady(entry);
    }

    /// <summary>The platform no longer builds that job.</summary>
    public void ReleaseAlreadyRunning(JobName name)
    {
        if (alreadyRunning.Remove(name, out var entry))
            MakeReady(entry);
    }

    private static void SetAside(QueueEntry entry, Dictionary<JobName, QueueEntry> place) => place[entry.Name] = entry;

    private bool IsReady(QueueEntry entry) =>
        ReferenceEquals(entries.GetValueOrDefault(entry.Name), entry)
        && !withoutTemplate.ContainsKey(entry.Name)
        && !alreadyRunning.ContainsKey(entry.Name)
        && !held.ContainsKey(entry.Name);

    private void MakeReady(QueueEntry entry)
    {
        // Leftovers must not outgrow what waits.
        if (ready.Count > (2 * entries.Count) + 64)
        {
            ready.Clear();
            ready.EnqueueRange(
                entries
                    .Values.Where(waiting => !ReferenceEquals(waiting, entry) && IsReady(waiting))
                    .Select(waiting => (waiting, waiting.Position))
            );
        }
        ready.Enqueue(entry, entry.Position);
    }

    /// <summary>What one job of this priority takes of its owner's share: half as much per step up.</summary>
    private static long CostOf(int priority) => 1L << (20 - Math.Clamp(priority, JobOptions.LowestPriority, JobOptions.HighestPriority));
}
