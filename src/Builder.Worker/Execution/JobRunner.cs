using Builder.Protocol;
using Builder.Worker.Isolation;

namespace Builder.Worker.Execution;

/// <summary>Runs scripts, one at a time, each in a fresh directory, and says how they ended and what they left.</summary>
internal sealed class JobRunner(SupervisorClient supervisor, JobRunnerOptions options, TimeProvider clock)
{
    public static ByteString Timeout { get; } = ByteString.FromUtf8("timeout");

    public static ByteString Cancelled { get; } = ByteString.FromUtf8("cancelled");

    /// <summary>For one job with limits of its own, which can only make those of every job smaller.</summary>
    public JobRunner Limited(JobLimits limits) => new(supervisor, options with { Limits = options.Limits.Tightest(limits) }, clock);

    /// <param name="console">Gets what the script prints, and what there is to say about its files.</param>
    /// <param name="cancellation">Ends the script; the outcome is the message <c>cancelled</c> then.</param>
    /// <exception cref="SupervisorLostException">Nobody can say how the script ended.</exception>
    public async Task<JobOutcome> RunAsync(ScriptJob job, IConsoleSink console, TimeSpan timeLimit, CancellationToken cancellation)
    {
        JobDirectory? directory = null;
        try
        {
            directory = JobDirectory.Create(options.WorkDirectory, job.Script);
            var (result, usage) = await ExecuteAsync(directory, console, timeLimit, cancellation);
            var left = LeftFiles.In(directory.Path, JobDirectory.ScriptName);
            foreach (var complaint in left.Complaints)
                console.Write(ByteString.FromUtf8(complaint).Span);
            console.Flush();
            return new JobOutcome(directory, result, left.Files, usage);
        }
        catch (Exception error) when (error is (IOException or UnauthorizedAccessException) and not SupervisorLostException)
        {
            return new JobOutcome(directory, new ExecutionResult.Message(ByteString.FromUtf8(error.Message)), [], ResourceUsage.None);
        }
        catch
        {
            directory?.Dispose();
            throw;
        }
    }

    private async Task<(ExecutionResult Result, ResourceUsage Usage)> ExecuteAsync(
        JobDirectory directory, IConsoleSink console, TimeSpan timeLimit, CancellationToken cancellation)
    {
        using var pipe = ConsolePipe.Create(directory.ConsolePipe, console);
        using var group = options.Isolation.Groups?.Create();
        ByteString? reason;
        SupervisorMessage.Ended ended;
        var launch = options.Isolation.Sandbox.Prepare(directory, options.Environment);
        try
        {
            var running = supervisor.RunAsync(Request(directory, group?.Within(launch) ?? launch), CancellationToken.None);
            reason = await WaitAsync(running, pipe, timeLimit, cancellation);
            ended = await running;
        }
        finally
        {
            // Every writer has ended, so this is no more than reading what is left; none ever came where the start failed.
            pipe.Abandon();
            await pipe.Ended;
        }

        if (ended.Survivors > 0)
            console.Write(ByteString.FromUtf8($"builder: {ended.Survivors} processes of this job could not be ended").Span);
        foreach (var complaint in group?.Complaints() ?? [])
            console.Write(ByteString.FromUtf8(complaint).Span);
        var usage = group?.Correct(ended.Usage) ?? ended.Usage;
        if (reason is { } text)
            return (new ExecutionResult.Message(text), usage);
        if (launch.ReportsStatus && !File.ReadAllText(directory.StatusFile).Contains("exit-code", StringComparison.Ordinal))
            return (new ExecutionResult.Message(ByteString.FromUtf8("the sandbox could not be set up")), usage);
        return (WaitStatus.ToResult(ended.WaitStatus), usage);
    }

    private static SupervisorMessage.Start Request(JobDirectory directory, Launch launch)
    {
        if (launch.ReportsStatus)
            File.WriteAllBytes(directory.StatusFile, []);
        return new SupervisorMessage.Start(
            launch.Command,
            launch.Environment,
            launch.Directory,
            directory.ConsolePipe,
            launch.ReportsStatus ? directory.StatusFile : "",
            directory.Top);
    }

    /// <summary>Waits for the end, or brings it about; returns why, or null where the script ended by itself.</summary>
    private async Task<ByteString?> WaitAsync(Task running, ConsolePipe pipe, TimeSpan timeLimit, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(timeLimit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var stopped = Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, stop.Token);
        if (await Task.WhenAny(running, stopped, pipe.Failed) == running)
            return null;

        supervisor.Terminate();
        using var grace = new CancellationTokenSource(options.Grace, clock);
        var patience = Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, grace.Token);
        if (await Task.WhenAny(running, patience) != running)
            supervisor.Kill();
        return limit.IsCancellationRequested && !cancellation.IsCancellationRequested ? Timeout : Cancelled;
    }
}
