using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary><c>builder db sign-in-link NAME</c>.</summary>
internal static class SignInLinkCommand
{
    public static Command Create(DataOptions data)
    {
        var name = UserName.Argument();
        var site = new Option<Uri>("--site")
        {
            Description = "Where the site listens on this machine.",
            DefaultValueFactory = _ => new Uri("http://127.0.0.1:3000"),
            HelpName = "URL",
            CustomParser = Values.HttpUrl,
        };
        var command = new Command(
            "sign-in-link",
            "Print a link that signs a user in once, without a password, from this machine, within 10 minutes."
        )
        {
            name,
            site,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var user = parsed.GetRequiredValue(name);
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var secret = await UserErrors.RunAsync(() =>
                    new SignInLinks(database, TimeProvider.System).MakeAsync(user, cancellationToken)
                );
                await CommandAudit.AddAsync(database, "sign-in-link", user);
                await Console.Out.WriteLineAsync(new Uri(parsed.GetRequiredValue(site), SignInLinkAddress.Of(secret)).ToString());
                return ExitCode.Success;
            }
        );
        return command;
    }
}
