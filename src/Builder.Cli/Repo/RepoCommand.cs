using System.CommandLine;

namespace Builder.Cli.Repo;

/// <summary><c>builder repo …</c>: package repositories for apt and pkg.</summary>
internal static class RepoCommand
{
    public static Command Create()
    {
        var options = new RepositoryOptions();
        var command = new Command("repo", "Package repositories: what was built goes out by apt install and pkg install.")
        {
            RepoInitCommand.Create(options),
            RepoListCommand.Create(options),
            RepoPublishCommand.Create(options),
            RepoRemoveCommand.Create(options),
            RepoRollbackCommand.Create(options),
            RepoOwnersCommand.Create(options),
            RepoAssignCommand.Create(options),
            RepoSignerCommand.Create(options),
        };
        options.AddTo(command);
        return command;
    }
}
