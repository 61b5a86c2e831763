using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary><c>builder db access-add USER JOB</c> and <c>access-remove USER JOB</c>.</summary>
internal static class AccessCommands
{
    public static Command CreateAdd(DataOptions data)
    {
        var (user, job) = (UserName.Argument(), JobArgument.Create());
        var command = new Command("access-add", "Let a restricted user upload builds of a job. The job may be one that is yet to come.")
        {
            user,
            job,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var (name, jobName) = (parsed.GetRequiredValue(user), parsed.GetRequiredValue(job));
                if (!await UserErrors.RunAsync(() => new UserAdministration(database).AddAccessAsync(name, jobName, cancellationToken)))
                    await Console.Error.WriteLineAsync($"\"{jobName}\" was on the access list of \"{name}\" already.");
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static Command CreateRemove(DataOptions data)
    {
        var (user, job) = (UserName.Argument(), JobArgument.Create());
        var command = new Command("access-remove", "Take a job off a restricted user's access list.") { user, job };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var (name, jobName) = (parsed.GetRequiredValue(user), parsed.GetRequiredValue(job));
                if (!await UserErrors.RunAsync(() => new UserAdministration(database).RemoveAccessAsync(name, jobName, cancellationToken)))
                    throw new CommandException(
                        $"\"{jobName}\" is not on the access list of \"{name}\": \"builder db user-list\" shows what is."
                    );
                return ExitCode.Success;
            }
        );
        return command;
    }
}
