using Builder.Protocol.Values;
using Builder.Worker.Execution;
using Builder.Worker.Isolation;
using Builder.Worker.Options;
using Builder.Worker.Processes;

namespace Builder.Worker.Probing;

/// <summary>Says which variations a worker could make in repetitions.</summary>
public static class VariationProbe
{
    /// <summary>Without a sandbox where the options ask for one that cannot be had.</summary>
    public static async Task<VariationReport> RunAsync(
        IsolationOptions options,
        IReadOnlyList<string> supervisorCommand,
        string workDirectory,
        CancellationToken cancellationToken
    )
    {
        await using var supervisor = SupervisorClient.Start(supervisorCommand);
        var runnerOptions = new JobRunnerOptions { WorkDirectory = workDirectory };
        OutboundNetwork? outbound = null;
        try
        {
            outbound = await OutboundNetwork.StartAsync(options, supervisorCommand, cancellationToken);
            runnerOptions = runnerOptions with
            {
                Isolation = await IsolationSearch.FindAsync(
                    options,
                    tried => new JobRunner(supervisor, runnerOptions with { Isolation = tried }, TimeProvider.System),
                    outbound,
                    cancellationToken
                ),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The check of the isolation says why there is no sandbox.
        }
        try
        {
            var tools = await VariationSearch.FindAsync(
                runnerOptions.Isolation,
                tried => new JobRunner(supervisor, runnerOptions with { Tools = tried, Vary = Variations.FileOrder }, TimeProvider.System),
                cancellationToken
            );
            return tools.Report(VariationNames.All);
        }
        finally
        {
            if (outbound is not null)
                await outbound.DisposeAsync();
        }
    }
}
