using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary><c>builder db user-disable NAME</c>.</summary>
internal static class UserDisableCommand
{
    public static Command Create(DataOptions data)
    {
        var name = UserName.Argument();
        var command = new Command("user-disable", "Take a user's password, sessions and tokens away; builds and access list stay.")
        {
            name,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                await UserErrors.RunAsync(() =>
                    new UserAdministration(database).DisableAsync(parsed.GetRequiredValue(name), cancellationToken)
                );
                await CommandAudit.AddAsync(database, "user-disable", parsed.GetRequiredValue(name));
                return ExitCode.Success;
            }
        );
        return command;
    }
}
