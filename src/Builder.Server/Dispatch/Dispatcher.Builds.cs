using Builder.Protocol.Der;
using Builder.Protocol.Streaming;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Server.Builds;
using Builder.Server.Logging;
using Builder.Server.Scheduling;
using Builder.Server.Tracing;

namespace Builder.Server.Dispatch;

/// <summary>Builds, from the lease to the one result, or back to the queue.</summary>
internal sealed partial class Dispatcher
{
    /// <summary>Begins the build of a lease just taken.</summary>
    /// <exception cref="IOException">There is no place for its console; the lease has gone back.</exception>
    public RunningBuild Begin(Lease lease)
    {
        try
        {
            var build = store.Begin(lease);
            running[lease.Uuid] = build;
            return build;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            PauseHandOut(exception);
            GiveBack(lease, exception.Message);
            throw;
        }
    }

    /// <summary>The job goes back to its queue, or is recorded as failed where it cannot.</summary>
    /// <param name="follower">The connection that lost the worker; null for none.</param>
    public async Task ReturnAsync(RunningBuild build, string reason, bool isWorkersLoss, CancellationToken? follower = null)
    {
        bool requeued;
        lock (gate)
        {
            if (!build.IsFollowedBy(follower))
                return;
            build.GiveUp();
            requeued = scheduler.Return(build.Lease.Uuid, isWorkersLoss);
            if (requeued)
                Spans.Lost(build.Lease, reason);
            HandOut();
        }
        if (isWorkersLoss)
            metrics.LeaseLost();
        if (requeued)
        {
            logger.Requeued(build.Lease.Name, build.Lease.Uuid, build.Lease.Platform, build.Lease.Attempt, reason);
            build.End($"builder: {reason}; the job is queued again");
            Forget(build);
            return;
        }
        await RecordFailureAsync(build, $"{reason} (attempt {build.Lease.Attempt})", follower);
    }

    /// <summary>Ends the build with a result of the server's own, such as <c>timeout</c>.</summary>
    /// <param name="follower">The connection that decided so; null for none.</param>
    public async Task RecordFailureAsync(RunningBuild build, string message, CancellationToken? follower = null)
    {
        try
        {
            await RecordAsync(
                build,
                new ExecutionResult.Message(ByteString.FromUtf8(message)),
                ArtifactSource.Empty,
                CancellationToken.None,
                follower
            );
        }
        catch (OtherConnectionException)
        {
            // It is for the connection to decide that the worker has now.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ResultRefusedException)
        {
            ReturnUnwritten(build, exception);
        }
    }

    /// <summary>Writes the build to disk, then ends its lease.</summary>
    /// <exception cref="ProtocolException">The connection that the artifacts come from broke: the lease is still there.</exception>
    /// <exception cref="IOException">The disk is full, for example: the lease is still there.</exception>
    /// <exception cref="OtherConnectionException">The worker has left the caller's connection for another.</exception>
    public async Task RecordAsync(
        RunningBuild build,
        ExecutionResult result,
        ArtifactSource artifacts,
        CancellationToken cancellationToken,
        CancellationToken? follower = null
    )
    {
        if (!build.TryBeginRecord(follower))
            throw new OtherConnectionException();
        var lease = build.Lease;
        var (finished, outcome) = await WriteAsync(build, result, artifacts, cancellationToken);
        lock (gate)
        {
            Record(lease, finished, outcome);
            if (IsUploading && !journal.IsShared)
                Spooled?.Invoke(scheduler.State.Spool[lease.Uuid]);
            HandOut();
        }
        if (journal.IsShared)
            await AnnounceAsync(lease.Uuid);
        Finished.Add(lease.Uuid, outcome.Over);
        Spans.Ended(lease, result);
        metrics.Recorded(lease.Platform, result);
        logger.Recorded(lease.Name, lease.Uuid, lease.Platform, ResultText.Of(result));
        build.End(ResultText.Of(result));
        Forget(build);
    }

    /// <summary>What another server may build as well is not uploaded.</summary>
    private async Task AnnounceAsync(BuildUuid uuid)
    {
        await journal.Durable();
        lock (gate)
        {
            if (IsUploading && scheduler.State.Spool.TryGetValue(uuid, out var build))
                Spooled?.Invoke(build);
        }
    }

    private async Task<(SpooledBuild Build, Outcome Outcome)> WriteAsync(
        RunningBuild build,
        ExecutionResult result,
        ArtifactSource artifacts,
        CancellationToken cancellationToken
    )
    {
        using var span = BuildSpans.Spool(build.Lease);
        try
        {
            return await store.RecordAsync(build, result, artifacts, cancellationToken);
        }
        catch (Exception exception)
        {
            build.EndRecord();
            span.Fail(exception.Message);
            throw;
        }
    }

    /// <summary>The disk does not take the build: the job is queued again, and nothing handed out for a while.</summary>
    public void ReturnUnwritten(RunningBuild build, Exception error)
    {
        PauseHandOut(error);
        GiveBack(build.Lease, error.Message);
        build.End($"builder: the server could not write the build ({error.Message}); the job is queued again");
        Forget(build);
    }

    /// <summary>The web has the build.</summary>
    public async Task UploadedAsync(BuildUuid uuid)
    {
        Task durable;
        lock (gate)
        {
            scheduler.Uploaded(uuid);
            durable = journal.Durable();
        }
        await durable;
    }

    /// <summary>Leases of an earlier run of the server: builds already on disk are recorded, and workers that know how may come back.</summary>
    public async Task RecoverAsync()
    {
        foreach (var lease in Look(state => state.Leases.Values.ToArray()))
        {
            if (store.Has(lease))
            {
                var (found, outcome) = await store.FindAsync(lease, CancellationToken.None);
                lock (gate)
                    Record(lease, found, outcome);
                Spans.Ended(lease, null);
                logger.RecoveredBuild(lease.Name, lease.Uuid);
                continue;
            }
            if (!lease.Token.IsEmpty && ResumeTimeout > TimeSpan.Zero)
            {
                Await(lease);
                continue;
            }
            bool requeued;
            lock (gate)
                requeued = scheduler.Return(lease.Uuid, isWorkersLoss: false);
            if (requeued)
            {
                Spans.Lost(lease, "the server was restarted");
                logger.Requeued(lease.Name, lease.Uuid, lease.Platform, lease.Attempt, "the server was restarted");
            }
            else
                await RecordFailureAsync(BeginAgain(lease), "the server was restarted after the job was unscheduled");
        }
        store.ForgetOthers(running.ContainsKey);
        inputs.RemoveOthers(Look(static state => state.Repeated()));
    }

    private RunningBuild BeginAgain(Lease lease)
    {
        store.Forget(lease.Uuid);
        return store.Begin(lease);
    }

    /// <summary>A lease that was taken, but of which nothing was begun.</summary>
    public void GiveBack(Lease lease, string reason)
    {
        Spans.Lost(lease, reason);
        lock (gate)
        {
            if (scheduler.Return(lease.Uuid, isWorkersLoss: false))
                return;
            scheduler.Abandon(lease.Uuid);
            logger.CannotRequeue(lease.Name, lease.Uuid);
        }
    }

    private void PauseHandOut(Exception error)
    {
        logger.DiskTrouble(error.Message, PauseAfterDiskTrouble.TotalSeconds);
        lock (gate)
        {
            handOutAgainAt = clock.GetTimestamp() + (long)(PauseAfterDiskTrouble.TotalSeconds * clock.TimestampFrequency);
            tickSooner.TrySetResult();
        }
    }

    private void Forget(RunningBuild build)
    {
        running.TryRemove(build.Lease.Uuid, out _);
        try
        {
            store.Forget(build.Lease.Uuid);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.CannotForget(build.Lease.Uuid, exception.Message);
        }
        build.Dispose();
    }
}
