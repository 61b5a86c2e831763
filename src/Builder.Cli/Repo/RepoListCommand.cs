using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Publishing.Packages;
using Builder.Publishing.Snapshots;

namespace Builder.Cli.Repo;

/// <summary><c>builder repo list</c>.</summary>
internal static class RepoListCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var snapshots = new Option<bool>("--snapshots")
        {
            Description = "Show the states that can be gone back to instead of the packages.",
        };
        var command = new Command(
            "list",
            "Show what is published: branch (distribution or ABI), package, version, architecture, job, build."
        )
        {
            snapshots,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var set = options.Open(parsed);
                if (set.Debian is null && set.FreeBsd is null)
                    throw new CommandException($"No repository is set up in {set.Options.ConfigDirectory}: see builder repo init --help.");
                foreach (var distribution in set.Debian?.Distributions ?? [])
                {
                    await PrintAsync(
                        distribution,
                        parsed.GetValue(snapshots),
                        set.Debian!.Snapshots(distribution),
                        () => set.Debian.ListAsync(distribution, cancellationToken)
                    );
                }
                foreach (var abi in set.FreeBsd?.Abis ?? [])
                    await PrintAsync(
                        abi,
                        parsed.GetValue(snapshots),
                        set.FreeBsd!.Snapshots(abi),
                        () => set.FreeBsd.ListAsync(abi, cancellationToken)
                    );
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static async Task PrintAsync(
        string branch,
        bool snapshots,
        IReadOnlyList<Snapshot> states,
        Func<Task<IReadOnlyList<PublishedPackage>>> packages
    )
    {
        if (snapshots)
        {
            foreach (var state in states)
                await Console.Out.WriteLineAsync(
                    $"{branch}\t{state.Number}\t{state.Made:yyyy-MM-ddTHH:mm:ssZ}\t{(state.IsCurrent ? "current" : "")}\t{state.Note}"
                );
            return;
        }
        foreach (var package in await packages())
            await Console.Out.WriteLineAsync(
                $"{branch}\t{package.Name}\t{package.Version}\t{package.Architecture}\t{package.Job}\t{package.BuildUuid}"
            );
    }
}
