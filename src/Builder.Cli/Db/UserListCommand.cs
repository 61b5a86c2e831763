using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary><c>builder db user-list</c>.</summary>
internal static class UserListCommand
{
    public static Command Create(DataOptions data, bool asOriginal)
    {
        var command = new Command(
            "user-list",
            asOriginal ? "List users by name." : "List users: name, role, what they may do, and a restricted user's jobs."
        );
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                foreach (var user in await new UserAdministration(database).ListAsync(cancellationToken))
                    Console.WriteLine(asOriginal ? user.Name : $"{user.Name}\t{Describe(user)}");
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static string Describe(UserListing user)
    {
        var access =
            !user.IsRestricted ? "unrestricted"
            : user.Jobs.Count == 0 ? "restricted, no jobs"
            : $"restricted to {string.Join(", ", user.Jobs)}";
        var role = user.Role == AccountRole.Uploader ? access : $"{AccountRoles.NameOf(user.Role)}, {access}";
        return user.IsDisabled ? $"disabled, {role}" : role;
    }
}
