using Builder.Protocol.Values;

namespace Builder.Server.Dispatch;

/// <summary>
/// When the server last heard of each worker since it was started, also of workers that are gone: those of the last week, and not more than
/// <see cref="MaxGone"/>. A worker that opens a connection for each job is one worker.
/// </summary>
internal sealed class SeenWorkers(TimeProvider clock)
{
    public const int MaxGone = 1000;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private readonly Lock gate = new();
    private readonly Dictionary<(string Name, string Platform), Seen> workers = [];

    /// <summary>A worker has come.</summary>
    /// <param name="name">As <see cref="Scheduling.WorkerNames.Stable"/> names it.</param>
    /// <param name="version">Of its program; null where it does not tell.</param>
    /// <returns>To be disposed of when it goes.</returns>
    public Presence Enter(string name, Platform platform, string? version)
    {
        lock (gate)
        {
            if (!workers.TryGetValue((name, platform.Value), out var seen))
                workers.Add((name, platform.Value), seen = new Seen());
            seen.Version = version ?? seen.Version;
            seen.Connections++;
            seen.Heard(clock);
            return new Presence(this, seen);
        }
    }

    /// <summary>Null for one that never came.</summary>
    public SeenWorker? Find(string name, string platform)
    {
        lock (gate)
            return workers.TryGetValue((name, platform), out var seen) ? seen.ToSeenWorker(name, platform) : null;
    }

    /// <summary>Workers without a connection, the last seen first.</summary>
    public IReadOnlyList<SeenWorker> Gone()
    {
        lock (gate)
        {
            var gone = workers
                .Where(static one => one.Value.Connections == 0)
                .Select(static one => one.Value.ToSeenWorker(one.Key.Name, one.Key.Platform))
                .OrderByDescending(static one => one.LastSeen)
                .ToList();
            var oldest = Timestamp.From(clock.GetUtcNow() - Kept);
            foreach (var old in gone.Where((one, place) => place >= MaxGone || one.LastSeen < oldest))
                workers.Remove((old.Name, old.Platform));
            return [.. gone.Take(MaxGone).TakeWhile(one => one.LastSeen >= oldest)];
        }
    }

    private void Heard(Seen seen) => seen.Heard(clock);

    private void Leave(Seen seen)
    {
        lock (gate)
        {
            seen.Connections--;
            // Names that change with each connection must not fill the memory of a server that nobody asks.
            if (workers.Count <= MaxGone * 2)
                return;
        }
        Gone();
    }

    /// <summary>A connection of a worker.</summary>
    internal sealed class Presence(SeenWorkers owner, Seen seen) : IDisposable
    {
        private bool isGone;

        /// <summary>It said something.</summary>
        public void Heard() => owner.Heard(seen);

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref isGone, true))
                owner.Leave(seen);
        }
    }

    internal sealed class Seen
    {
        private long at;

        public string? Version { get; set; }

        public int Connections { get; set; }

        public void Heard(TimeProvider clock) => Interlocked.Exchange(ref at, clock.GetUtcNow().UtcTicks);

        public SeenWorker ToSeenWorker(string name, string platform) =>
            new(name, platform, Version, Timestamp.From(new DateTimeOffset(Interlocked.Read(ref at), TimeSpan.Zero)));
    }
}
