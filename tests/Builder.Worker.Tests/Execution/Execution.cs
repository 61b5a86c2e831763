using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Execution;
using Builder.Worker.Isolation;
using Builder.Worker.Processes;

namespace Builder.Worker.Tests.Execution;

/// <summary>A supervisor with a directory of its own, to run scripts in real processes.</summary>
internal sealed class Execution : IAsyncDisposable
{
    private readonly TemporaryDirectory directory = new();

    /// <summary>Jobs in a sandbox of a worker that is root are another user, who has to get to the directory.</summary>
    public Execution() =>
        File.SetUnixFileMode(
            directory.Path,
            UnixFileMode.UserRead
                | UnixFileMode.UserWrite
                | UnixFileMode.UserExecute
                | UnixFileMode.GroupExecute
                | UnixFileMode.OtherExecute
        );

    private readonly SupervisorClient supervisor = SupervisorClient.Start(SelfExecution.Command(SelfExecution.SupervisorVerb));

    public RecordedConsole Console { get; } = new();

    public string WorkDirectory => directory["work"];

    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public JobIsolation Isolation { get; init; } = JobIsolation.None;

    public JobLimits Limits { get; init; } = JobLimits.None;

    public IReadOnlyList<string> Environment { get; init; } = ["PATH=/usr/bin:/bin"];

    public Task<JobOutcome> RunAsync(string script) => RunAsync(script, TimeSpan.FromHours(1));

    public Task<JobOutcome> RunAsync(string script, TimeSpan limit) =>
        RunUntilCancelledAsync(script, limit, TestContext.Current.CancellationToken);

    public Task<JobOutcome> RunUntilCancelledAsync(string script, TimeSpan limit, CancellationToken cancellationToken)
    {
        var job = new ScriptJob(ByteString.FromUtf8("job"), ByteString.FromUtf8("test"), ByteString.FromUtf8(script));
        return Runner().RunAsync(job, Console, limit, cancellationToken);
    }

    public JobRunner Runner() =>
        new(
            supervisor,
            new JobRunnerOptions
            {
                WorkDirectory = WorkDirectory,
                Isolation = Isolation,
                Environment = Environment,
                Grace = Grace,
                Limits = Limits,
            },
            Clock
        );

    public async ValueTask DisposeAsync()
    {
        await supervisor.DisposeAsync();
        directory.Dispose();
    }
}
