using System.Security.Cryptography;
using Builder.Protocol.Values;
using Builder.Server.Builds;
using Builder.Server.Logging;
using Builder.Server.Scheduling;

namespace Builder.Server.Dispatch;

/// <summary>Leases of an earlier run of the server, or of the server before, whose workers may go on and come back.</summary>
internal sealed partial class Dispatcher
{
    private const string DidNotReturn = "its worker did not come back after the server was started";

    /// <summary>Until when, by the clock's timestamp, each is waited for.</summary>
    private readonly Dictionary<BuildUuid, long> awaited = [];

    /// <summary>How long a worker may take to come back. Zero: it is not waited for.</summary>
    public TimeSpan ResumeTimeout { get; init; }

    /// <summary>Leases whose workers have not come back yet.</summary>
    public int CountAwaited()
    {
        lock (gate)
            return awaited.Count;
    }

    /// <summary>The build of a lease to which its worker comes back, and which goes on in the connection of the caller alone.</summary>
    /// <param name="refusal">Why not.</param>
    /// <exception cref="OtherConnectionException">Another connection has its result under way; the worker is to ask again.</exception>
    public RunningBuild? Resume(
        BuildUuid uuid,
        ByteString token,
        string worker,
        IsolationTier? isolation,
        Variations? variations,
        out string? refusal
    )
    {
        lock (gate)
        {
            refusal = $"there is no lease {uuid} any more: its build is recorded, or its job is queued again";
            if (
                !scheduler.State.Leases.TryGetValue(uuid, out var lease)
                || !running.TryGetValue(uuid, out var build)
                || lease.Token.IsEmpty
                || !CryptographicOperations.FixedTimeEquals(lease.Token.Span, token.Span)
            )
                return null;
            if (!build.TryTakeOver())
                throw new OtherConnectionException();
            awaited.Remove(uuid);
            scheduler.Meet(uuid, worker, isolation, variations);
            build.Lease = scheduler.State.Leases[uuid];
            refusal = null;
            Changes.Raise();
            return build;
        }
    }

    /// <summary>Within the start: waits for the worker of a lease.</summary>
    private void Await(Lease lease)
    {
        var build = store.Reopen(lease);
        running[lease.Uuid] = build;
        lock (gate)
            awaited[lease.Uuid] = clock.GetTimestamp() + (long)(ResumeTimeout.TotalSeconds * clock.TimestampFrequency);
        logger.Awaits(lease.Name, lease.Uuid, lease.Worker, ResumeTimeout.TotalSeconds);
    }

    /// <summary>Within the lock: when the next of them is given up.</summary>
    private TimeSpan UntilGivenUp() =>
        awaited.Count == 0 ? TimeSpan.MaxValue : clock.GetElapsedTime(clock.GetTimestamp(), awaited.Values.Min());

    private async Task GiveUpAwaitedAsync()
    {
        RunningBuild[] late;
        lock (gate)
        {
            var now = clock.GetTimestamp();
            late = [.. awaited.Where(one => one.Value <= now).Select(one => running[one.Key])];
            foreach (var build in late)
            {
                awaited.Remove(build.Lease.Uuid);
                build.GiveUp();
            }
        }
        foreach (var build in late)
        {
            if (build.Cancelled.IsCancellationRequested)
                await RecordFailureAsync(build, "cancelled");
            else
                await ReturnAsync(build, DidNotReturn, isWorkersLoss: false);
        }
    }
}
