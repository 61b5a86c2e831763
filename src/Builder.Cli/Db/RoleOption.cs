using System.CommandLine;
using Builder.Cli.Parsing;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary><c>--role uploader|operator|admin</c>.</summary>
internal static class RoleOption
{
    public static Option<AccountRole?> Create(string description)
    {
        var option = new Option<AccountRole?>("--role") { Description = description, HelpName = string.Join('|', AccountRoles.Names) };
        option.OneOf([.. AccountRoles.Names.Select(static name => (name, Parse(name)))]);
        return option;
    }

    private static AccountRole Parse(string name) =>
        AccountRoles.TryParse(name, out var role) ? role : throw new ArgumentException($"\"{name}\" is no role", nameof(name));
}
