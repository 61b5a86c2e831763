using Builder.Protocol;

namespace Builder.Worker.Execution;

/// <summary>Runs scripts, one at a time, each in a fresh directory, and says how they ended and what they left.</summary>
internal sealed class JobRunner(SupervisorClient supervisor, JobRunnerOptions options, TimeProvider clock)
{
    public static ByteString Timeout { get; } = ByteString.FromUtf8("timeout");

    public static ByteString Cancelled { get; } = ByteString.FromUtf8("cancelled");

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
        try
        {
            var launch = options.Sandbox.Prepare(directory, options.Environment);
            var running = supervisor.RunAsync(
                new SupervisorMessage.Start(launch.Command, launch.Environment, launch.Directory, pipe.Path, directory.Top, [], []),
                CancellationToken.None);
            var reason = await WaitAsync(running, pipe, timeLimit, cancellation);
            var ended = await running;
            if (ended.Survivors > 0)
                console.Write(ByteString.FromUtf8($"builder: {ended.Survivors} processes of this job could not be ended").Span);
            return (reason is { } text ? new ExecutionResult.Message(text) : WaitStatus.ToResult(ended.WaitStatus), ended.Usage);
        }
        finally
        {
            // Every writer has ended, so this is no more than reading what is left; none ever came where the start failed.
            pipe.Abandon();
            await pipe.Ended;
        }
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
