using System.Globalization;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Server.Builds;
using Builder.Server.Dispatch;
using Builder.Server.Logging;
using Builder.Server.Options;
using Builder.Server.Scheduling;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Connections;

/// <summary>One worker: it asks, waits, gets a job, sends its console and its result. However it goes away, its job is not lost.</summary>
internal sealed class WorkerSession(
    Dispatcher farm,
    Admission admission,
    ServerOptions options,
    Peer peer,
    TimeProvider clock,
    ILogger logger
)
{
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        var (platform, resume) = await ReadRequestAsync(cancellationToken);
        if (platform is null && resume is null)
            return;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var signs = peer.CanResume ? GiveSignsAsync(ended.Token) : Task.CompletedTask;
        try
        {
            if (resume is not null)
                await ResumeAsync(resume, cancellationToken);
            else
                await ServeAsync(platform!, cancellationToken);
        }
        finally
        {
            await ended.CancelAsync();
            await signs;
        }
    }

    /// <summary>A worker must find out that its server was stopped or cut off: its job goes on, with another server.</summary>
    private async Task GiveSignsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.SignInterval, clock);
        try
        {
            do await peer.Writer.WriteAsync(new Command.Heartbeat(), cancellationToken);
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is OperationCanceledException or ProtocolException)
        {
            // The conversation is over, which its reader finds out as well.
        }
    }

    private async Task ResumeAsync(ResumeMessage resume, CancellationToken cancellationToken)
    {
        RunningBuild? build;
        string? refusal;
        var platform = farm.Look(state => state.Leases.GetValueOrDefault(resume.Uuid)?.Platform);
        if (platform is not null && admission.Refuse(peer, platform) is { } reason)
            throw ConnectionHandler.Unexpected(reason);
        try
        {
            build = farm.Resume(resume.Uuid, resume.Token, peer.Name, peer.Isolation, peer.Variations, out refusal);
        }
        catch (OtherConnectionException)
        {
            // It comes again, and is told what became of the result.
            return;
        }
        // What is not written yet may be another server's to decide by now.
        await farm.SettledAsync();
        if (build is null)
            throw ConnectionHandler.Unexpected(refusal!);
        using var presence = farm.Seen.Enter(WorkerNames.Stable(peer.Name), build.Lease.Platform, peer.WorkerVersion);
        using var link = new WorkerLink(peer, presence, options.LeaseTimeout, clock, cancellationToken);
        var followed = build.Follow();
        logger.CameBack(build.Lease.Name, build.Lease.Uuid, peer.Name, build.Console.Lines);
        build.Console.Flush();
        try
        {
            await peer.Writer.WriteAsync(ResumeMessage.Answer(build.Console.Lines), cancellationToken);
        }
        catch (ProtocolException exception)
        {
            await LoseAsync(build, $"the worker was lost: {exception.Message}", followed);
            throw;
        }
        link.ExpectSigns();
        await FollowAsync(build, link, link.NextAsync().AsTask(), followed, cancellationToken);
    }

    private async Task ServeAsync(Platform platform, CancellationToken cancellationToken)
    {
        using var presence = farm.Seen.Enter(WorkerNames.Stable(peer.Name), platform, peer.WorkerVersion);
        using var link = new WorkerLink(
            peer,
            presence,
            peer.IsExtended ? options.LeaseTimeout : options.MaxConsoleSilence,
            clock,
            cancellationToken
        );
        var (lease, next) = await WaitForJobAsync(platform, link, cancellationToken);
        if (lease is null)
            return;
        logger.HandedOut(lease.Name, lease.Worker, platform, lease.Uuid, lease.Attempt);
        RunningBuild build;
        try
        {
            build = farm.Begin(lease);
            await farm.SettledAsync();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await peer.TryRefuseAsync("the server has no place for a build at present");
            return;
        }
        var followed = build.Follow();
        if (!await OfferAsync(build, cancellationToken))
            return;
        link.ExpectSigns();
        await FollowAsync(build, link, next, followed, cancellationToken);
    }

    private async Task<(Platform? Platform, ResumeMessage? Resume)> ReadRequestAsync(CancellationToken cancellationToken)
    {
        var request = await peer.Reader.ReadFirstMessageAsync(cancellationToken);
        if (request is Command.Request facts && peer.IsExtended && facts.Verb.ToString() == WorkerFacts.Verb)
        {
            var told = WorkerFacts.From(facts);
            peer.Isolation = told.Isolation;
            peer.Variations = told.Variations;
            peer.WorkerVersion = told.Version;
            peer.CanResume = told.CanResume && options.ResumeTimeout > TimeSpan.Zero;
            request = await peer.Reader.ReadFirstMessageAsync(cancellationToken);
        }
        if (request is null)
            return (null, null);
        if (request is Command.Request resume && peer.CanResume && resume.Verb.ToString() == ResumeMessage.Verb)
            return (null, ResumeMessage.From(resume));
        if (request is not Command.JobRequested(var bytes))
            throw ConnectionHandler.Unexpected("a worker was expected to request a job");
        if (!Platform.TryParse(bytes, out var platform, out var reason) || (reason = admission.Refuse(peer, platform)) is not null)
            throw ConnectionHandler.Unexpected(reason);
        return (platform, null);
    }

    /// <summary>The lease, and the read that was begun meanwhile to notice when the worker goes away.</summary>
    private async Task<(Lease? Lease, Task<Incoming?> Next)> WaitForJobAsync(
        Platform platform,
        WorkerLink link,
        CancellationToken cancellationToken
    )
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var next = link.NextAsync().AsTask();
        var taking = farm.TakeAsync(platform, peer.Name, peer.Isolation, leaving.Token, peer.Variations, peer.CanResume);
        if (await Task.WhenAny(taking, next) == next)
            await leaving.CancelAsync();
        Lease lease;
        try
        {
            lease = await taking;
        }
        catch (WorkerDismissedException exception)
        {
            await peer.TryRefuseAsync(exception.Message);
            return (null, next);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            if (await next is not null)
                throw ConnectionHandler.Unexpected("a waiting worker was expected to be silent");
            return (null, next);
        }
        if (admission.Refuse(peer, platform) is { } refusal)
        {
            farm.GiveBack(lease, refusal);
            throw ConnectionHandler.Unexpected(refusal);
        }
        return (lease, next);
    }

    private async Task<bool> OfferAsync(RunningBuild build, CancellationToken cancellationToken)
    {
        try
        {
            if (peer.Version >= ProtocolVersion.ExtendedWorker)
                await peer.Writer.WriteAsync(JobLimitsMessage.ToCommand(farm.LimitsOf(build.Lease)), cancellationToken);
            if (farm.OrderFor(build.Lease) is { } order)
                await peer.Writer.WriteAsync(order.ToCommand(), cancellationToken);
            if (!build.Lease.Token.IsEmpty)
                await peer.Writer.WriteAsync(new LeaseMessage(build.Lease.Token, options.ResumeTimeout).ToCommand(), cancellationToken);
            if (peer.IsExtended)
                await peer.Writer.WriteAsync(new Command.TimeLimit((long)Math.Ceiling(TimeLimitOf(build).TotalSeconds)), cancellationToken);
            await peer.Writer.WriteAsync(new Command.JobSchedule(build.Lease.Uuid, build.Lease.Job), cancellationToken);
            return true;
        }
        catch (ProtocolException exception)
        {
            await farm.ReturnAsync(build, $"the worker was gone before it had the job: {exception.Message}", isWorkersLoss: false);
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It counts as a loss: what cannot be read now may never be.
            await farm.ReturnAsync(build, $"the recorded inputs cannot be read: {exception.Message}", isWorkersLoss: true);
            await peer.TryRefuseAsync("the server cannot read the inputs of the build");
            return false;
        }
    }

    /// <param name="followed">Cancelled when the worker comes back by another connection.</param>
    private async Task FollowAsync(
        RunningBuild build,
        WorkerLink link,
        Task<Incoming?> first,
        CancellationToken followed,
        CancellationToken cancellationToken
    )
    {
        // A worker that knows the limit ends the job by itself, and sends what it left.
        using var limit = new CancellationTokenSource(Remaining(build) + (peer.IsExtended ? options.EndingTimeout : TimeSpan.Zero), clock);
        using var cancelled = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancelled.Token, followed, cancellationToken);
        await using var cancelling = build.Cancelled.UnsafeRegister(_ => BeginCancel(build.Lease.Uuid, cancelled), null);
        try
        {
            if (await ListenAsync(build, link, first, any.Token) is { } job)
            {
                // From here on the limits of the transfer count, not the job's.
                await farm.RecordAsync(build, job.Result, job.Artifacts, cancellationToken, followed);
                await ThankAsync(cancellationToken);
            }
            else if (!followed.IsCancellationRequested)
            {
                await LoseAsync(build, "the worker was lost", followed);
            }
        }
        catch (ProtocolException) when (followed.IsCancellationRequested)
        {
            // The worker has left this connection for another.
        }
        catch (ProtocolException exception)
        {
            await LoseAsync(build, $"the worker was lost: {exception.Message}", followed);
            throw;
        }
        catch (Exception exception)
            when (exception is OtherConnectionException || (exception is OperationCanceledException && followed.IsCancellationRequested))
        {
            // The worker has left this connection for another.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = limit.IsCancellationRequested ? "timeout" : "cancelled";
            await farm.RecordFailureAsync(build, reason, followed);
            if (peer.IsExtended)
                await peer.TryRefuseAsync($"the lease is lost: {reason}");
        }
        catch (ResultRefusedException exception)
        {
            await farm.RecordFailureAsync(build, exception.Message, followed);
            await peer.TryRefuseAsync($"the job failed: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            farm.ReturnUnwritten(build, exception);
            await peer.TryRefuseAsync("the server cannot write the build");
        }
    }

    private TimeSpan Remaining(RunningBuild build) =>
        TimeLimitOf(build) - build.Elapsed is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private TimeSpan TimeLimitOf(RunningBuild build) => build.Lease.Options.TimeLimit ?? options.TimeLimit;

    /// <summary>What a client wanted to end is not begun again.</summary>
    private Task LoseAsync(RunningBuild build, string reason, CancellationToken followed) =>
        build.Cancelled.IsCancellationRequested
            ? farm.RecordFailureAsync(build, "cancelled", followed)
            : farm.ReturnAsync(build, reason, isWorkersLoss: true, followed);

    /// <summary>Takes console lines until the result comes in, or null where the worker goes away before.</summary>
    private static async Task<FinishedJob?> ListenAsync(
        RunningBuild build,
        WorkerLink link,
        Task<Incoming?> first,
        CancellationToken cancellationToken
    )
    {
        for (var message = await first.WaitAsync(cancellationToken); ; message = await NextAsync(build, link, cancellationToken))
        {
            switch (message)
            {
                case Incoming.Message(Command.Output(var uuid, var line)) when uuid == build.Lease.Uuid:
                    build.Append(line);
                    break;
                case Incoming.Message(Command.OutputTimestamped(var uuid, var line, var time))
                    when uuid == build.Lease.Uuid && !build.Lease.Token.IsEmpty:
                    build.Append(line, time);
                    break;
                case Incoming.Result(var job) when job.Uuid == build.Lease.Uuid:
                    return job;
                case Incoming.Message(Command.Usage usage) when usage.Uuid == build.Lease.Uuid:
                    build.Append(ByteString.FromUtf8(Describe(usage)));
                    break;
                case Incoming.Message(Command.Request report)
                    when build.Lease is { Repetition: not null, WorkerVariations: not null }
                        && report.Verb.ToString() == VariationsMessage.Verb:
                    build.Variations = VariationsMessage.From(report);
                    break;
                case null:
                    return null;
                case Incoming.Message(Command.Output) or Incoming.Result:
                    throw ConnectionHandler.Unexpected("the worker speaks of a build that is not its own");
                default:
                    throw ConnectionHandler.Unexpected("the worker was expected to send output or its result");
            }
        }
    }

    /// <summary>Shows what there is to observers before it waits for more.</summary>
    private static ValueTask<Incoming?> NextAsync(RunningBuild build, WorkerLink link, CancellationToken cancellationToken)
    {
        var next = link.NextAsync();
        if (next.IsCompleted)
            return next;
        build.Console.Flush();
        return new ValueTask<Incoming?>(next.AsTask().WaitAsync(cancellationToken));
    }

    /// <summary>An original worker only understands that its server is gone; ours ends the job and sends what it left.</summary>
    private void BeginCancel(BuildUuid uuid, CancellationTokenSource cancelled)
    {
        if (!peer.IsExtended)
        {
            cancelled.Cancel();
            return;
        }
        cancelled.CancelAfter(options.EndingTimeout);
        _ = TellAsync(new Command.Cancel(uuid), CancellationToken.None);
    }

    private Task ThankAsync(CancellationToken cancellationToken) =>
        peer.IsExtended ? TellAsync(new Command.Success(), cancellationToken) : Task.CompletedTask;

    /// <summary>Tells a worker that may be gone already what it is free to miss.</summary>
    private async Task TellAsync(Command command, CancellationToken cancellationToken)
    {
        try
        {
            await peer.Writer.WriteAsync(command, cancellationToken);
        }
        catch (ProtocolException exception)
        {
            logger.PeerSaid(peer.Name, exception.Message);
        }
    }

    private static string Describe(Command.Usage usage) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"builder: {usage.ProcessorNanoseconds / 1e9:0.00} s of processor time, {usage.PeakMemoryBytes / 1048576.0:0.0} MiB of memory at most, {usage.BytesWritten / 1048576.0:0.0} MiB written"
        );
}
