using Builder.Protocol;
using Builder.Protocol.Framing;
using Builder.Server.Builds;
using Builder.Server.Scheduling;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Connections;

/// <summary>One worker: it asks, waits, gets a job, sends its console and its result. However it goes away, its job is not lost.</summary>
internal sealed class WorkerSession(Farm farm, ServerOptions options, Peer peer, TimeProvider clock, ILogger logger)
{
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        var platform = await ReadRequestAsync(cancellationToken);
        if (platform is null)
            return;
        var (lease, next) = await WaitForJobAsync(platform, cancellationToken);
        if (lease is null)
            return;
        logger.HandedOut(lease.Name, lease.Worker, platform, lease.Uuid, lease.Attempt);
        var build = farm.Begin(lease);
        if (await OfferAsync(build, cancellationToken))
            await FollowAsync(build, next, cancellationToken);
    }

    private async Task<Platform?> ReadRequestAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.Limits.HandshakeDeadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        Command? request;
        try
        {
            request = await peer.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProtocolException(ProtocolErrorReason.DeadlinePassed, "the worker said hello, then asked for nothing");
        }
        if (request is null)
            return null;
        if (request is not Command.JobRequested(var bytes))
            throw Reception.Unexpected("a worker was expected to request a job");
        return Platform.TryParse(bytes, out var platform, out var reason) ? platform : throw Reception.Unexpected(reason);
    }

    /// <summary>The lease, and the read that was begun meanwhile to notice when the worker goes away.</summary>
    private async Task<(Lease? Lease, Task<Incoming?> Next)> WaitForJobAsync(Platform platform, CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var next = peer.Reader.ReadNextAsync(cancellationToken).AsTask();
        var taking = farm.TakeAsync(platform, peer.Name, leaving.Token);
        if (await Task.WhenAny(taking, next) == next)
            await leaving.CancelAsync();
        Lease lease;
        try
        {
            lease = await taking;
        }
        catch (WorkerDismissedException error)
        {
            await peer.TryRefuseAsync(error.Message);
            return (null, next);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            if (await next is not null)
                throw Reception.Unexpected("a waiting worker was expected to be silent");
            return (null, next);
        }
        return (lease, next);
    }

    private async Task<bool> OfferAsync(RunningBuild build, CancellationToken cancellationToken)
    {
        try
        {
            await peer.Writer.WriteAsync(new Command.JobSchedule(build.Lease.Uuid, build.Lease.Job), cancellationToken);
            return true;
        }
        catch (ProtocolException error)
        {
            await farm.ReturnAsync(build, $"the worker was gone before it had the job: {error.Message}", isWorkersLoss: false);
            return false;
        }
    }

    private async Task FollowAsync(RunningBuild build, Task<Incoming?> first, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(build.Lease.Options.TimeLimit ?? options.TimeLimit, clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, build.Cancelled, cancellationToken);
        try
        {
            for (var message = await first.WaitAsync(any.Token); ; message = await NextAsync(build, any.Token))
            {
                switch (message)
                {
                    case Incoming.Message(Command.Output(var uuid, var line)) when uuid == build.Lease.Uuid:
                        build.Append(line);
                        break;
                    case Incoming.Result(var job) when job.Uuid == build.Lease.Uuid:
                        // From here on the limits of the transfer count, not the job's.
                        await farm.RecordAsync(build, job.Result, job.Artifacts, cancellationToken);
                        return;
                    case null:
                        await farm.ReturnAsync(build, "the worker was lost", isWorkersLoss: true);
                        return;
                    case Incoming.Message(Command.Output) or Incoming.Result:
                        throw Reception.Unexpected("the worker speaks of a build that is not its own");
                    default:
                        throw Reception.Unexpected("the worker was expected to send output or its result");
                }
            }
        }
        catch (ProtocolException error)
        {
            await farm.ReturnAsync(build, $"the worker was lost: {error.Message}", isWorkersLoss: true);
            throw;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await farm.RecordFailureAsync(build, limit.IsCancellationRequested ? "timeout" : "cancelled");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            farm.ReturnUnwritten(build, error);
            await peer.TryRefuseAsync("the server cannot write the build");
        }
    }

    /// <summary>Shows what there is to observers before it waits for more.</summary>
    private async ValueTask<Incoming?> NextAsync(RunningBuild build, CancellationToken cancellationToken)
    {
        var next = peer.Reader.ReadNextAsync(cancellationToken);
        if (!next.IsCompleted)
            build.Console.Flush();
        return await next;
    }
}
