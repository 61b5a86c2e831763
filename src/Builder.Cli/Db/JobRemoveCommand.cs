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
            async (parsed, cancellation) =>
            {
                var name = parsed.GetRequiredValue(job);
                await using var storage = await data.OpenStorageAsync(parsed, cancellation);
                var removal = new BuildRemoval(storage, TimeProvider.System);
                await RemovalReport.RequireJobAsync(removal, name, cancellation);
                var builds = await removal.SelectAsync(new RemovalSelection.Everything { Jobs = [name] }, cancellation);
                await RemovalReport.PrintAsync(removal, builds, parsed.GetValue(dryRun), cancellation);
                if (!parsed.GetValue(dryRun))
                    await removal.RemoveJobAsync(name, cancellation);
                await StillPublished.PrintAsync(
                    data,
                    configuration,
                    parsed,
                    [.. builds.Select(build => build.Uuid.ToString())],
                    cancellation
                );
                return ExitCode.Success;
            }
        );
        return command;
    }
}
