using Builder.Protocol.Values;
using Builder.Worker.Execution;
using Builder.Worker.Isolation;
using Builder.Worker.Options;
using Builder.Worker.Processes;

namespace Builder.Worker.Probing;

/// <summary>Finds the best isolation that this machine can give to jobs, by running a job that does nothing.</summary>
public static class IsolationProbe
{
    /// <returns>
    /// The tier that a worker with these options would have. <see cref="IsolationKind.None"/>, with the reason, where the
    /// options ask for no sandbox or the machine cannot have one: never an exception for that.
    /// </returns>
    public static async Task<IsolationTier> RunAsync(
        IsolationOptions options,
        IReadOnlyList<string> supervisorCommand,
        string workDirectory,
        CancellationToken cancellationToken
    )
    {
        if (options.Sandbox == SandboxKind.None)
            return new NoSandbox().Tier;
        try
        {
            await using var supervisor = SupervisorClient.Start(supervisorCommand);
            await using var outbound = await OutboundNetwork.StartAsync(options, supervisorCommand, cancellationToken);
            var isolation = await IsolationSearch.FindAsync(
                options,
                tried => new JobRunner(
                    supervisor,
                    new JobRunnerOptions { WorkDirectory = workDirectory, Isolation = tried },
                    TimeProvider.System
                ),
                outbound,
                cancellationToken
            );
            return isolation.Tier;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new IsolationTier(IsolationKind.None, exception.Message);
        }
    }
}
