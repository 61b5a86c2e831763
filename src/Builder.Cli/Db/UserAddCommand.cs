using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary><c>builder db user-add NAME</c>.</summary>
internal static class UserAddCommand
{
    public static Command Create(DataOptions data)
    {
        var name = UserName.Argument();
        var unrestricted = new Option<bool>("--unrestricted")
        {
            Description = "The user may upload every job; otherwise only those given with access-add.",
        };
        var role = RoleOption.Create("What the user may do beside uploading; default uploader: nothing.");
        var scrypt = new ScryptOptions();
        var command = new Command(
            "user-add",
            "Add a user who may upload builds. The password is asked for, or read as one line from standard input."
        )
        {
            name,
            unrestricted,
            role,
        };
        scrypt.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var user = parsed.GetRequiredValue(name);
                var parameters = scrypt.Read(parsed);
                var given = parsed.GetValue(role) ?? AccountRole.Uploader;
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var password = await PasswordPrompt.ReadAsync(user, cancellationToken);
                if (
                    !await new UserAdministration(database).AddAsync(
                        user,
                        password,
                        !parsed.GetValue(unrestricted),
                        parameters,
                        cancellationToken,
                        given
                    )
                )
                    throw new CommandException(
                        $"There is a user \"{user}\" already: \"builder db user-update {user}\" changes the password."
                    );
                await CommandAudit.AddAsync(database, "user-add", user, AccountRoles.NameOf(given));
                return ExitCode.Success;
            }
        );
        return command;
    }
}
