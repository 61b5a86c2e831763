using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Maintenance;

namespace Builder.Cli.Db;

/// <summary><c>builder db job-remove JOB</c>.</summary>
internal static class JobRemoveCommand
{
    public static Command Create(DataOptions data)
    {
        var job = JobArgument.Create();
        var dryRun = RemovalReport.DryRunOption();
        var configuration = StillPublished.ConfigurationOption();
        var command = new Command(
            "job-remove",
            "Remove a job with all its builds and accesses. What its builds were is remembered; published packages stay (builder repo remove)."
        )
        {
            job,
            dryRun,
            configuration,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var name = parsed.GetRequiredValue(job);
                await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
                var removal = new BuildRemoval(storage, TimeProvider.System);
                await RemovalReport.RequireJobAsync(removal, name, cancellationToken);
                var builds = await removal.SelectAsync(new RemovalSelection.Everything { Jobs = [name] }, cancellationToken);
                await RemovalReport.PrintAsync(removal, builds, parsed.GetValue(dryRun), cancellationToken);
                if (!parsed.GetValue(dryRun))
                    await removal.RemoveJobAsync(name, cancellationToken);
                await StillPublished.PrintAsync(
                    data,
                    configuration,
                    parsed,
                    [.. builds.Select(build => build.Uuid.ToString())],
                    cancellationToken
                );
                return ExitCode.Success;
            }
        );
        return command;
    }
}
