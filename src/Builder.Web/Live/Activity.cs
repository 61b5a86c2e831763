using System.Globalization;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Web.Live;

/// <summary>
/// What the build server does now, asked at most once a second however many look. Without a server there is never anything.
/// </summary>
internal sealed class Activity(BuildServer? server, TimeProvider clock) : IDisposable
{
    private const int MaxWatchers = 64;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenRefusals = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim asking = new(1, 1);
    private volatile ActivitySnapshot latest = ActivitySnapshot.Nothing;
    private long askedAt = long.MinValue;
    private long? refusedAt;
    private int watchers;

    public bool HasServer => server is not null;

    public async ValueTask<ActivitySnapshot> CurrentAsync(CancellationToken cancellationToken)
    {
        if (server is null || IsFresh())
            return latest;
        await asking.WaitAsync(cancellationToken);
        try
        {
            if (IsFresh())
                return latest;
            latest = await AskAsync(server, cancellationToken);
            Volatile.Write(ref askedAt, clock.GetTimestamp());
            return latest;
        }
        finally
        {
            asking.Release();
        }
    }

    /// <summary>Somebody had the server do something: what it does now is asked anew.</summary>
    public void Expire() => Volatile.Write(ref askedAt, long.MinValue);

    /// <summary>Null where as many watch already as may.</summary>
    public Watch? TryWatch(BuildUuid build, CancellationToken cancellationToken)
    {
        if (server is null)
            return null;
        if (Interlocked.Increment(ref watchers) > MaxWatchers)
        {
            Interlocked.Decrement(ref watchers);
            return null;
        }
        return new Watch(server.ObserveAsync(build, cancellationToken), () => Interlocked.Decrement(ref watchers));
    }

    public void Dispose() => asking.Dispose();

    private bool IsFresh()
    {
        var asked = Volatile.Read(ref askedAt);
        return asked != long.MinValue && clock.GetElapsedTime(asked) < Fresh;
    }

    private async Task<ActivitySnapshot> AskAsync(BuildServer server, CancellationToken cancellationToken)
    {
        try
        {
            var info = await server.InfoAsync(cancellationToken);
            var workers = await AskWorkersAsync(server, cancellationToken);
            return new ActivitySnapshot(info, null)
            {
                Workers = workers,
                HeldBuilds = workers is null ? [] : await server.HeldBuildsAsync(cancellationToken) ?? [],
            };
        }
        catch (BuildServerException exception)
        {
            return new ActivitySnapshot(null, exception.Message);
        }
    }

    /// <summary>A server that does not tell, such as the original, is not asked again for a while: it logs each such question.</summary>
    private async Task<ServerWorkers?> AskWorkersAsync(BuildServer server, CancellationToken cancellationToken)
    {
        if (refusedAt is { } refused && clock.GetElapsedTime(refused) < BetweenRefusals)
            return null;
        var workers = await server.WorkersAsync(cancellationToken);
        refusedAt = workers is null ? clock.GetTimestamp() : null;
        return workers;
    }

    /// <summary>A running build being watched; disposing it lets another watch.</summary>
    internal sealed class Watch(IAsyncEnumerable<ConsoleLine> lines, Action leave) : IDisposable
    {
        private Action? leave = leave;

        public IAsyncEnumerable<ConsoleLine> Lines { get; } = lines;

        public void Dispose() => Interlocked.Exchange(ref leave, null)?.Invoke();
    }
}

/// <param name="Info">Null where no server is known, or it does not answer.</param>
/// <param name="Problem">Why it does not.</param>
public sealed record ActivitySnapshot(ServerInfo? Info, string? Problem)
{
    public static ActivitySnapshot Nothing { get; } = new(null, null);

    /// <summary>Null where the server does not tell.</summary>
    public ServerWorkers? Workers { get; init; }

    /// <summary>Finished builds that this site refused for good; the server keeps them.</summary>
    public IReadOnlyList<HeldBuild> HeldBuilds { get; init; } = [];

    /// <summary>Changes with what runs and waits, so that pages which show it are made anew.</summary>
    public string Signature { get; } =
        Info is null
            ? Problem ?? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join(',', Info.Running.Select(running => running.Uuid))}/{string.Join(',', Info.Queues.Select(queue => $"{queue.Platform}:{string.Join('+', queue.Jobs.Select(job => job.Name))}"))}"
            );

    public RunningJob? Running(string job, string platform) =>
        Info?.Running.FirstOrDefault(running => running.Job.Name.ToString() == job && running.Job.Platform.ToString() == platform);

    public bool IsWaiting(string job, string platform) =>
        Info?.Queues.Any(queue => queue.Platform.ToString() == platform && queue.Jobs.Any(waiting => waiting.Name.ToString() == job))
        == true;

    public int Waiting => Info?.Queues.Sum(queue => queue.Jobs.Count) ?? 0;
}
