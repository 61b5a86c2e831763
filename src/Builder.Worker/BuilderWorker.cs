using System.Diagnostics;
using System.Globalization;
using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Worker.Conversation;
using Builder.Worker.Execution;
using Builder.Worker.Files;
using Builder.Worker.Isolation;
using Builder.Worker.Native;
using Builder.Worker.Options;
using Builder.Worker.Probing;
using Builder.Worker.Processes;
using Builder.Worker.Roots;
using Builder.Worker.Variation;
using Microsoft.Extensions.Logging;

namespace Builder.Worker;

/// <summary>Asks a server for jobs, one at a time, and runs them.</summary>
public sealed partial class BuilderWorker(WorkerOptions options, TimeProvider clock, ILogger logger)
{
    private static readonly Dictionary<string, ByteString> NoFiles = [];

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);

    /// <summary>Of a job, where neither the server nor this worker's options say more.</summary>
    private static readonly TimeSpan WithoutAnyWord = TimeSpan.FromHours(1);

    /// <summary>Runs one job, or with <see cref="WorkerOptions.Loop"/> job after job until <paramref name="cancellationToken"/>.</summary>
    /// <param name="cancellationToken">Ends the job that runs, and the worker.</param>
    /// <param name="drain">Ends the worker when it has no job; one that runs goes on to its end.</param>
    /// <exception cref="ProtocolException">There was no job to be had, or its result did not reach the server.</exception>
    /// <exception cref="NoRoomException">There is no place on disk for a job.</exception>
    /// <exception cref="IOException">The chosen isolation, or a process to supervise jobs, is not to be had.</exception>
    /// <exception cref="OperationCanceledException">It was stopped before its one job was done.</exception>
    public async Task RunAsync(CancellationToken cancellationToken, CancellationToken drain = default)
    {
        using var idle = new CancellationTokenSource(options.IdleTimeout ?? Timeout.InfiniteTimeSpan, clock);
        using var noJob = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, drain, idle.Token);
        await using var draining = drain.Register(LogDraining);
        await using var idling = idle.Token.Register(() => LogIdle(options.IdleTimeout.GetValueOrDefault()));
        if (options.OwnsProcess)
        {
            Posix.HideFromOtherProcesses();
            Posix.BecomeSubreaper();
        }
        RemoveLeftDirectories();
        await using var outbound = await OutboundNetwork.StartAsync(options.Isolation, options.SupervisorCommand, cancellationToken);
        var supervisor = SupervisorClient.Start(options.SupervisorCommand);
        try
        {
            var isolation = await IsolationSearch.FindAsync(
                options.Isolation with
                {
                    Hidden = [.. options.Isolation.Hidden, options.WorkDirectory],
                },
                tried => Runner(supervisor, tried),
                outbound,
                cancellationToken
            );
            LogIsolationOf(isolation);
            var tools = await VariationSearch.FindAsync(
                isolation,
                tried => Runner(supervisor, isolation, tried, new RepetitionOrder(default, Variations.FileOrder, null, NoFiles)),
                cancellationToken
            );
            if (!options.Loop)
            {
                await ServeAsync(supervisor, isolation, tools, idle, noJob.Token, cancellationToken);
                return;
            }
            for (var pause = ShortestPause; !noJob.IsCancellationRequested; )
            {
                try
                {
                    await ServeAsync(supervisor, isolation, tools, idle, noJob.Token, cancellationToken);
                    pause = ShortestPause;
                    continue;
                }
                catch (SupervisorLostException exception)
                {
                    LogTrouble(exception.Message, pause);
                    await EndAsync(supervisor);
                    supervisor = SupervisorClient.Start(options.SupervisorCommand);
                }
                catch (SurvivorsException exception)
                {
                    // Whatever keeps them may let go: another user's process may end, the kernel may come back from a disk.
                    LogTrouble(exception.Message, pause);
                    KillAll(supervisor);
                }
                catch (Exception exception) when (exception is ProtocolException or NoRoomException or RootChangedException)
                {
                    LogTrouble(exception.Message, pause);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    return;
                }
                pause = await PauseAsync(pause, noJob.Token);
            }
        }
        finally
        {
            await EndAsync(supervisor);
        }
    }

    private void RemoveLeftDirectories()
    {
        try
        {
            JobDirectory.RemoveLeft(options.WorkDirectory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotRemoved(exception.Message);
        }
    }

    /// <summary>What protects the machine from jobs, and what does not.</summary>
    private void LogIsolationOf(JobIsolation isolation)
    {
        if (isolation.Tier.Kind == IsolationKind.None)
            LogUnprotected();
        else
            LogIsolation(isolation.Tier.Name, isolation.Tier.Reason, options.Isolation.Network.ToString().ToLowerInvariant());
        if (isolation.Root is { } root)
            LogRoot(root.Path, root.Identity);
    }

    private async Task EndAsync(SupervisorClient supervisor)
    {
        await supervisor.DisposeAsync();
        if (options.OwnsProcess)
            SupervisorClient.EndOrphans();
    }

    /// <param name="order">What the job repeats; null for a job of its own.</param>
    private JobRunner Runner(
        SupervisorClient supervisor,
        JobIsolation isolation,
        VariationTools? tools = null,
        RepetitionOrder? order = null,
        Activity? span = null
    ) =>
        new(
            supervisor,
            new JobRunnerOptions
            {
                WorkDirectory = options.WorkDirectory,
                Isolation = isolation,
                Environment =
                [
                    .. JobEnvironment.From(Environment.GetEnvironmentVariables(), options.Environment),
                    .. order?.Date is { } date ? (string[])[string.Create(CultureInfo.InvariantCulture, $"SOURCE_DATE_EPOCH={date}")] : [],
                ],
                Recorded = order?.Recorded ?? NoFiles,
                Vary = order?.Vary ?? Variations.None,
                Tools = tools ?? new VariationTools(),
                Limits = options.Limits.Tightest(
                    new JobLimits
                    {
                        MaxProcesses = options.Isolation.Limits.Processes,
                        MaxMemoryBytes = options.Isolation.Limits.MemoryBytes,
                    }
                ),
                Span = span,
                Grace = options.Grace,
            },
            clock
        );

    /// <summary>One connection, one job; none where <paramref name="noJob"/> is cancelled before the job comes.</summary>
    /// <param name="idle">Begins anew after a job.</param>
    private async Task ServeAsync(
        SupervisorClient supervisor,
        JobIsolation isolation,
        VariationTools tools,
        CancellationTokenSource idle,
        CancellationToken noJob,
        CancellationToken cancellationToken
    )
    {
        var hasBegun = false;
        try
        {
            await ServeAsync(supervisor, isolation, tools, Begin, noJob, cancellationToken);
        }
        catch (OperationCanceledException) when (noJob.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // It waited for a job, and is to wait no more.
        }
        finally
        {
            if (hasBegun)
                idle.CancelAfter(options.IdleTimeout ?? Timeout.InfiniteTimeSpan);
        }

        void Begin()
        {
            hasBegun = true;
            idle.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    private async Task ServeAsync(
        SupervisorClient supervisor,
        JobIsolation isolation,
        VariationTools tools,
        Action begin,
        CancellationToken noJob,
        CancellationToken cancellationToken
    )
    {
        JobDirectory.CheckRoom(options.WorkDirectory);
        FollowRoot(isolation, cancellationToken);
        if (ProcessTree.DescendantsOf(supervisor.ProcessId).Count(ProcessTree.IsRunning) is > 0 and var survivors)
            throw new SurvivorsException(survivors);
        var facts = new WorkerFacts(isolation.Tier, tools.Report(VariationNames.All).Made)
        {
            Version = typeof(BuilderWorker).Assembly.GetName().Version?.ToString(3),
            CanResume = true,
        };
        await using var connection = await OpenAsync(facts, noJob);
        LogWaiting(options.Platform, options.Remote);
        var offered = await connection.RequestJobAsync(options.Platform, noJob);
        begin();
        isolation.Root?.ThrowIfChanged(cancellationToken);
        LogStarted(offered.Uuid, offered.Job.Name);
        if (offered.Repetition is { } order)
            LogRepeats(order.Repeats, VariationNames.Write(order.Vary));
        using var killRegistration = cancellationToken.Register(() => _ = KillSoonAsync(supervisor));
        using var span = StartSpan(offered.Uuid, offered.Job);
        var runner = Runner(supervisor, isolation, tools, offered.Repetition, span);
        if (offered.Lease is { } lease)
        {
            using var console = new KeptConsole(offered.Uuid, options.WorkDirectory, connection.Writer, clock);
            await using var resumable = new ResumableJob(
                connection,
                offered.Uuid,
                lease,
                console,
                token => OpenAsync(facts, token),
                clock,
                LogLink
            );
            await RunAsync(
                runner,
                isolation,
                offered,
                console,
                span,
                async outcome =>
                {
                    await resumable.ThrowIfLostAsync();
                    await resumable.DeliverAsync(link => SendAsync(link, offered, outcome));
                },
                resumable.End,
                cancellationToken
            );
            return;
        }
        await using var server = new ServerListener(connection, offered.Uuid);
        await RunAsync(
            runner,
            isolation,
            offered,
            new ConsoleFrames(offered.Uuid, connection.Writer),
            span,
            async outcome =>
            {
                await server.ThrowIfLostAsync();
                server.ResultIsOnItsWay();
                await SendAsync(connection, offered, outcome);
                await connection.FinishSendingAsync();
                await server.AcknowledgedAsync(options.Link.AcknowledgementDeadline);
            },
            server.End,
            cancellationToken
        );
    }

    private Task<ServerConnection> OpenAsync(WorkerFacts facts, CancellationToken cancellationToken) =>
        ServerConnection.OpenAsync(options.Remote, options.Link, facts, clock, cancellationToken);

    private async Task RunAsync(
        JobRunner runner,
        JobIsolation isolation,
        OfferedJob offered,
        IConsoleSink console,
        Activity? span,
        Func<JobOutcome, Task> deliverAsync,
        CancellationToken serversEnd,
        CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(serversEnd, cancellationToken);
        var outcome = await runner.RunAsync(offered.Job, offered.Limits, console, LimitOf(options.TimeLimit, offered.TimeLimit), end.Token);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            isolation.Root?.ThrowIfChanged(cancellationToken);
            using (BuildTrace.StartPart(span, "send"))
                await deliverAsync(outcome);
            LogFinished(
                offered.Uuid,
                offered.Job.Name,
                outcome.Result,
                outcome.Files.Count,
                outcome.Usage.ProcessorTime.TotalSeconds,
                outcome.Usage.PeakMemoryBytes / 1048576.0
            );
        }
        catch (Exception exception)
        {
            span.Fail(exception.Message);
            throw;
        }
        finally
        {
            Remove(outcome);
        }
    }

    /// <summary>A tree that was changed between jobs is read anew, and the server is told its new digest.</summary>
    private void FollowRoot(JobIsolation isolation, CancellationToken cancellationToken)
    {
        if (isolation.Root is { } root && root.Follow(cancellationToken) is { } before)
            LogRootChanged(root.Path, before, root.Identity);
    }

    private Activity? StartSpan(BuildUuid uuid, ScriptJob job)
    {
        var span = BuildTrace.Start(uuid, BuildSpan.Job);
        return JobName.TryParse(job.Name, out var name, out _) ? span.Describe(uuid, name, options.Platform) : span;
    }

    /// <summary>The shorter one, where both have something to say.</summary>
    internal static TimeSpan LimitOf(TimeSpan? own, TimeSpan? servers)
    {
        var limit = own ?? servers ?? WithoutAnyWord;
        return servers < limit ? servers.Value : limit;
    }

    private ExecutionResult Reported(ExecutionResult result) => options.ReportsSignalsAsShells ? WaitStatus.AsShells(result) : result;

    private async Task SendAsync(ServerConnection connection, OfferedJob offered, JobOutcome outcome)
    {
        if (offered.Repetition is not null)
            await connection.Writer.WriteAsync(VariationsMessage.ToCommand(outcome.Variations), CancellationToken.None);
        if (connection.IsExtended)
        {
            var usage = outcome.Usage;
            var message = new Command.Usage(offered.Uuid, usage.ProcessorTime.Ticks * 100, usage.PeakMemoryBytes, usage.BytesWritten);
            await connection.Writer.WriteAsync(message, CancellationToken.None);
        }
        var files = outcome.Files.Select(file => new ArtifactFile(file.Path, file.Size, _ => ValueTask.FromResult(file.Open())));
        try
        {
            await connection.Writer.WriteFinishedAsync(
                offered.Uuid,
                Reported(outcome.Result),
                ArtifactSource.From([.. files]),
                CancellationToken.None
            );
        }
        catch (Exception exception) when (exception is ArtifactChangedException or IOException)
        {
            // Half a frame is out: the server must see the connection break, not a file made up to its length.
            throw new ProtocolException(
                ProtocolErrorReason.ConnectionLost,
                $"the result cannot be sent: {exception.Message}",
                new ArtifactUnreadableException(exception)
            );
        }
    }

    /// <summary>A service manager that stops this worker does not wait for long.</summary>
    private async Task KillSoonAsync(SupervisorClient supervisor)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), clock);
        KillAll(supervisor);
    }

    private static void KillAll(SupervisorClient supervisor)
    {
        try
        {
            supervisor.Kill();
        }
        catch (SupervisorLostException)
        {
            // It has ended, and everything below it.
        }
    }

    private void Remove(JobOutcome outcome)
    {
        try
        {
            outcome.Dispose();
        }
        catch (IOException exception)
        {
            LogNotRemoved(exception.Message);
        }
    }

    /// <returns>The next pause, twice as long.</returns>
    private async Task<TimeSpan> PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            // Workers that lost the same server do not come back all at once.
            await Task.Delay(pause * (0.75 + (Random.Shared.NextDouble() / 2)), clock, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return pause;
        }
        return pause * 2 < MaxPause ? pause * 2 : MaxPause;
    }
}
