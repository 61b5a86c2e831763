using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary><c>builder db user-update NAME</c>.</summary>
internal static class UserUpdateCommand
{
    public static Command Create(DataOptions data)
    {
        var name = UserName.Argument();
        var unrestricted = new Option<bool>("--unrestricted") { Description = "The user may upload every job from now on." };
        var restricted = new Option<bool>("--restricted")
        {
            Description = "The user may upload only jobs given with access-add from now on.",
        };
        var keep = new Option<bool>("--keep-password") { Description = "Do not ask for a new password." };
        var role = RoleOption.Create("What the user may do beside uploading from now on.");
        var scrypt = new ScryptOptions();
        var command = new Command(
            "user-update",
            "Give a user a new password, or change what the user may do. A disabled user is enabled by a new password."
        )
        {
            name,
            unrestricted,
            restricted,
            keep,
            role,
        };
        scrypt.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(unrestricted) && result.GetValue(restricted))
                result.AddError("--unrestricted and --restricted contradict each other.");
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var user = parsed.GetRequiredValue(name);
                var parameters = scrypt.Read(parsed);
                bool? isRestricted =
                    parsed.GetValue(unrestricted) ? false
                    : parsed.GetValue(restricted) ? true
                    : null;
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var password = parsed.GetValue(keep) ? null : await PasswordPrompt.ReadAsync(user, cancellationToken);
                await UserErrors.RunAsync(() =>
                    new UserAdministration(database).UpdateAsync(
                        user,
                        password,
                        isRestricted,
                        parameters,
                        cancellationToken,
                        parsed.GetValue(role)
                    )
                );
                await CommandAudit.AddAsync(database, "user-update", user, Describe(password, isRestricted, parsed.GetValue(role)));
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static string Describe(string? password, bool? isRestricted, AccountRole? role) =>
        string.Join(
            ", ",
            (string[])
                [
                    .. password is null ? (string[])[] : ["new password"],
                    .. isRestricted is { } restricted ? (string[])[restricted ? "restricted" : "unrestricted"] : [],
                    .. role is { } given ? (string[])[AccountRoles.NameOf(given)] : [],
                ]
        );
}
