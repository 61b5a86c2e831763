using System.Diagnostics;
using Builder.Protocol.Messages;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Worker.Files;
using Builder.Worker.Isolation;
using Builder.Worker.Processes;
using Builder.Worker.Variation;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Execution;

/// <summary>Runs scripts, one at a time, each in a fresh directory, and says how they ended and what they left.</summary>
internal sealed class JobRunner(SupervisorClient supervisor, JobRunnerOptions options, TimeProvider clock)
{
    public static ByteString Timeout { get; } = ByteString.FromUtf8("timeout");

    public static ByteString Cancelled { get; } = ByteString.FromUtf8("cancelled");

    public Task<JobOutcome> RunAsync(ScriptJob job, IConsoleSink console, TimeSpan timeLimit, CancellationToken cancellationToken) =>
        RunAsync(job, JobLimits.None, console, timeLimit, cancellationToken);

    /// <param name="jobLimits">The job's own; of these and the worker's the smaller ones count.</param>
    /// <param name="console">Gets what the script prints, and what there is to say about its files.</param>
    /// <param name="cancellationToken">Ends the script; the outcome is the message <c>cancelled</c> then.</param>
    /// <exception cref="SupervisorLostException">Nobody can say how the script ended.</exception>
    public async Task<JobOutcome> RunAsync(
        ScriptJob job,
        JobLimits jobLimits,
        IConsoleSink console,
        TimeSpan timeLimit,
        CancellationToken cancellationToken
    )
    {
        JobDirectory? directory = null;
        var limits = options.Limits.Tightest(jobLimits);
        var variations = options.Tools.Report(options.Vary);
        var varied = VariedJob.Of(variations.Made, options.Tools);
        var prepare = BuildTrace.StartPart(options.Span, "prepare");
        try
        {
            directory = JobDirectory.Create(options.WorkDirectory, job.Script);
            directory.WriteRecorded(options.Recorded);
            using var launch = options.Isolation.Sandbox.Prepare(
                directory,
                varied.Wrap(ScriptInterpreter.Of(job.Script.Span)),
                varied.Vary(options.Environment),
                Unkept(limits),
                varied
            );
            prepare?.Stop();
            var end = await ExecuteAsync(directory, launch, limits, console, timeLimit, cancellationToken);
            using var collect = BuildTrace.StartPart(options.Span, "collect");
            directory.Reopen();
            var left = LeftFiles.In(directory.PathByDescriptor, [directory.Path, varied.BuildDirectory], JobDirectory.ScriptName, limits);
            var result = end.Result;
            if (left.Exceeded is { } exceeded)
            {
                Say(console, exceeded);
                // What ended the job comes first.
                result = end.Result is ExecutionResult.Message ? end.Result : Failure(exceeded);
            }
            foreach (var complaint in left.Complaints)
                console.Write(ByteString.FromUtf8(complaint).Span);
            console.Flush();
            return new JobOutcome(directory, result, left.Files, end.Usage) { Survivors = end.Survivors, Variations = variations };
        }
        catch (Exception exception) when (exception is (IOException or UnauthorizedAccessException) and not SupervisorLostException)
        {
            prepare.Fail(exception.Message);
            return new JobOutcome(directory, Failure(exception.Message), [], ResourceUsage.None) { Variations = variations };
        }
        catch
        {
            directory?.Dispose();
            throw;
        }
        finally
        {
            prepare?.Stop();
        }
    }

    private static Timestamp? EndOf(Activity? span) =>
        span is null ? null : Timestamp.From(new DateTimeOffset(span.StartTimeUtc + span.Duration, TimeSpan.Zero));

    private static ExecutionResult.Message Failure(string reason) => new(ByteString.FromUtf8(reason));

    private static void Say(IConsoleSink console, string text) => console.Write(ByteString.FromUtf8($"builder: {text}").Span);

    private async Task<(ExecutionResult Result, ResourceUsage Usage, int Survivors)> ExecuteAsync(
        JobDirectory directory,
        Launch launch,
        JobLimits limits,
        IConsoleSink console,
        TimeSpan timeLimit,
        CancellationToken cancellationToken
    )
    {
        var limited = new LimitedConsole(console, limits.MaxConsoleBytes);
        using var pipe = ConsolePipe.Create(limited);
        using var group = options.Isolation.Groups?.Create(limits);
        using var status = launch.ReportsStatus ? new StatusPipe() : null;
        var watch = new JobWatch(supervisor.ProcessId, directory.Top, Unkept(limits), clock);
        JobRelease? jobRelease = null;
        string? reason;
        string? notReleased = null;
        SupervisorMessage.Ended ended;
        var sandbox = BuildTrace.StartPart(options.Span, "sandbox");
        try
        {
            var (request, descriptors) = Request(directory, group, launch, pipe, status);
            var running = supervisor.RunAsync(request, descriptors, CancellationToken.None);
            if (status is not null && launch.Release is { } release)
                jobRelease = new JobRelease(group, launch.ProcessLimits, status, release, supervisor, () => sandbox?.Stop());
            else
            {
                launch.Release?.Dispose();
                sandbox?.Stop();
            }
            reason = await WaitAsync(running, pipe, limited, watch, limits, timeLimit, cancellationToken);
            ended = await running;
        }
        finally
        {
            // Every writer has ended, so this is no more than reading what is left; none ever came where the start failed.
            if (jobRelease is not null)
                notReleased = await jobRelease.EndAsync();
            pipe.Abandon();
            await pipe.Ended;
            sandbox?.Stop();
        }
        // From where the sandbox let the script go: another thread notices that.
        using (var script = BuildTrace.StartPart(options.Span, "script", EndOf(sandbox)))
            script?.SetTag("builder.cpu_seconds", ended.Usage.ProcessorTime.TotalSeconds);

        if (ended.Survivors > 0)
            Say(console, $"{ended.Survivors} processes of this job could not be ended");
        var usage = group?.Correct(ended.Usage) ?? ended.Usage;
        reason ??= notReleased;
        reason ??= limited.Exceeded.IsCompleted ? ConsoleExceeded(limits) : watch.DiskExceeded(CancellationToken.None);
        var complaints = group?.Complaints().ToList() ?? [];
        if (reason is not null && reason != Timeout.ToString() && reason != Cancelled.ToString())
            complaints.Add(reason);
        complaints.ForEach(complaint => Say(console, complaint));

        ExecutionResult result;
        if (reason is not null)
            result = Failure(reason);
        else if (status is not null && !status.ReadAll().Contains("exit-code", StringComparison.Ordinal))
            result = Failure("the sandbox could not be set up");
        else if (complaints.Count > 0)
            result = Failure(complaints[0]); // whatever its shell made of that: a shell that waits for a fork bomb ends with status 0
        else
            result = WaitStatus.ToResult(ended.WaitStatus);
        return (result, usage, ended.Survivors);
    }

    /// <summary>Those that no control group keeps.</summary>
    private JobLimits Unkept(JobLimits limits) =>
        limits with
        {
            MaxProcesses = options.Isolation.Groups?.Limits("pids") == true ? null : limits.MaxProcesses,
            MaxMemoryBytes = options.Isolation.Groups?.Limits("memory") == true ? null : limits.MaxMemoryBytes,
        };

    private static (SupervisorMessage.Start Request, List<SafeFileHandle> Descriptors) Request(
        JobDirectory directory,
        JobControlGroup? group,
        Launch launch,
        ConsolePipe pipe,
        StatusPipe? status
    )
    {
        if (launch.Release is null)
            launch = group?.Within(launch) ?? launch;
        List<int> numbers = [1];
        List<SafeFileHandle> descriptors = [pipe.Writer];
        if (status is not null)
        {
            numbers.Add(Launch.StatusDescriptor);
            descriptors.Add(status.Writer);
        }
        if (launch.Inputs is { Handles: var inputs })
        {
            numbers.AddRange(Enumerable.Range(SandboxInputs.First, inputs.Count));
            descriptors.AddRange(inputs);
        }
        var start = new SupervisorMessage.Start(
            launch.Command,
            launch.Environment,
            launch.Directory,
            numbers,
            directory.Top,
            group?.Directories ?? [],
            launch.HasOwnProcessIds,
            launch.User
        );
        return (start, descriptors);
    }

    private static string ConsoleExceeded(JobLimits limits) =>
        $"the job printed more than {limits.MaxConsoleBytes} bytes (limit: max-console)";

    /// <summary>Waits for the end, or brings it about; returns why, or null where the script ended by itself.</summary>
    private async Task<string?> WaitAsync(
        Task running,
        ConsolePipe pipe,
        LimitedConsole console,
        JobWatch watch,
        JobLimits limits,
        TimeSpan timeLimit,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(timeLimit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var stopped = Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, stop.Token);
        using var unwatch = new CancellationTokenSource();
        var watching = limits.Any ? watch.RunAsync(unwatch.Token) : Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, unwatch.Token);
        var first = await Task.WhenAny(running, stopped, pipe.Failed, console.Exceeded, watching);
        await unwatch.CancelAsync();
        if (first == running)
            return null;
        if (first == console.Exceeded || (first == watching && watching.IsCompletedSuccessfully))
        {
            // No time to say goodbye: it goes on taking what it has taken too much of.
            supervisor.Kill();
            return first == watching && watching is Task<string> passed ? await passed : ConsoleExceeded(limits);
        }

        supervisor.Terminate();
        using var grace = new CancellationTokenSource(options.Grace, clock);
        var patience = Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, grace.Token);
        if (await Task.WhenAny(running, patience) != running)
            supervisor.Kill();
        return (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested ? Timeout : Cancelled).ToString();
    }
}
