using System.CommandLine;
using Builder.Cli.Errors;

namespace Builder.Cli.Repo;

/// <summary><c>builder repo remove BRANCH NAME|UUID</c>.</summary>
internal static class RepoRemoveCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var branch = new Argument<string>("branch") { Description = "Distribution (debian-12) or ABI (FreeBSD:14:amd64)." };
        var package = new Argument<string>("package") { Description = "Name of the package, or the uuid of the build that it came from." };
        var deleteFiles = new Option<bool>("--delete-files")
        {
            Description = "Delete the package's files now. Without this they go with the last snapshot that names them.",
        };
        var command = new Command(
            "remove",
            "Withdraw a package: clients no longer find it after their next update. builder repo publish UUID publishes it again."
        )
        {
            branch,
            package,
            deleteFiles,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                options.WithQueueAsync(
                    parsed,
                    async queue =>
                    {
                        var removed = await queue.RemoveAsync(
                            parsed.GetRequiredValue(branch),
                            parsed.GetRequiredValue(package),
                            parsed.GetValue(deleteFiles),
                            cancellationToken
                        );
                        foreach (var gone in removed)
                            await Console.Out.WriteLineAsync(
                                $"withdrawn\t{gone.Branch}\t{gone.Name}\t{gone.Version}\t{gone.Architecture}\t{gone.Job}\t{gone.BuildUuid}"
                            );
                        await Console.Error.WriteLineAsync(
                            "The same package is not published again by itself; a build with other bytes is. Installed copies stay installed."
                        );
                        return ExitCode.Success;
                    },
                    cancellationToken
                )
        );
        return command;
    }
}
