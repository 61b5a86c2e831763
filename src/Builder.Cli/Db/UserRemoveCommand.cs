using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary><c>builder db user-remove NAME</c>.</summary>
internal static class UserRemoveCommand
{
    public static Command Create(DataOptions data)
    {
        var name = UserName.Argument();
        var command = new Command("user-remove", "Remove a user who has no builds; one who has can be disabled.") { name };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var user = parsed.GetRequiredValue(name);
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                if (!await UserErrors.RunAsync(() => new UserAdministration(database).RemoveAsync(user, cancellationToken)))
                    throw new CommandException(
                        $"Builds of \"{user}\" are there, which need their user: \"builder db user-disable {user}\" keeps the user from uploading."
                    );
                await CommandAudit.AddAsync(database, "user-remove", user);
                return ExitCode.Success;
            }
        );
        return command;
    }
}
