using Builder.Protocol;
using Builder.Worker.Execution;

namespace Builder.Worker.Isolation;

/// <summary>Finds the best isolation that this machine can give to jobs, by running a job that does nothing.</summary>
public static class IsolationProbe
{
    /// <returns>
    /// The tier that a worker with these options would have. <see cref="IsolationKind.None"/>, with the reason, where the
    /// options ask for no sandbox or the machine cannot have one: never an exception for that.
    /// </returns>
    public static async Task<IsolationTier> RunAsync(
        IsolationOptions options, IReadOnlyList<string> supervisorCommand, string workDirectory, CancellationToken cancellation)
    {
        if (options.Sandbox == SandboxKind.None)
            return new IsolationTier(IsolationKind.None, "no sandbox was asked for");
        try
        {
            var isolation = JobIsolation.From(options);
            await using var supervisor = SupervisorClient.Start(supervisorCommand);
            var runnerOptions = new JobRunnerOptions { WorkDirectory = workDirectory, Isolation = isolation };
            await SandboxTrial.RunAsync(new JobRunner(supervisor, runnerOptions, TimeProvider.System), cancellation);
            return isolation.Tier;
        }
        catch (IOException error)
        {
            return new IsolationTier(IsolationKind.None, error.Message);
        }
    }
}
