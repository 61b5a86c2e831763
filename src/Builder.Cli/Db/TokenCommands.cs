using System.CommandLine;
using System.Globalization;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Text;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary><c>builder db token-add</c>, <c>token-list</c> and <c>token-revoke</c>.</summary>
internal static class TokenCommands
{
    private const int MaxDays = 3650;

    public static Command CreateAdd(DataOptions data)
    {
        var name = UserName.Argument();
        var label = new Option<string>("--name")
        {
            Description = "What the token is called.",
            DefaultValueFactory = _ => "token",
            HelpName = "TEXT",
        };
        var scope = new Option<string[]>("--scope")
        {
            Description = "What it is for: upload:JOBS, run:JOBS, operate, admin or read; JOBS is a name with * and ?. May be repeated.",
            HelpName = "SCOPE",
            Required = true,
        };
        var days = new Option<int>("--days")
        {
            Description = "It expires after so many days; 0 never.",
            DefaultValueFactory = _ => 90,
            HelpName = "DAYS",
        };
        days.Between(0, MaxDays);
        var command = new Command("token-add", "Make an API token for a user. It is printed once and kept nowhere.")
        {
            name,
            label,
            scope,
            days,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                if (!TokenScopes.TryParse(string.Join(' ', parsed.GetRequiredValue(scope)), out var scopes, out var reason))
                    throw new UsageException($"--scope: {reason}");
                var user = parsed.GetRequiredValue(name);
                var called = parsed.GetRequiredValue(label);
                if (called.Length is 0 or > ApiTokens.MaxNameLength)
                    throw new UsageException($"--name takes 1 to {ApiTokens.MaxNameLength} characters");
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                TimeSpan? lifetime = parsed.GetValue(days) is > 0 and var count ? TimeSpan.FromDays(count) : null;
                var secret = await UserErrors.RunAsync(() =>
                    new ApiTokens(database, TimeProvider.System).MakeAsync(user, called, scopes, lifetime, cancellationToken)
                );
                if (secret is null)
                    throw new CommandException(
                        $"\"{user}\" has {ApiTokens.MaxPerUser} tokens, which is the limit: revoke one with \"builder db token-revoke\""
                    );
                await CommandAudit.AddAsync(database, "token-add", $"{user}: {called}", scopes.ToString());
                await Console.Out.WriteLineAsync(secret);
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static Command CreateList(DataOptions data)
    {
        var command = new Command("token-list", "List API tokens: number, user, name, scopes, when they expire and were used last.");
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                foreach (var token in await new ApiTokens(database, TimeProvider.System).ListAsync(null, cancellationToken))
                    await Console.Out.WriteLineAsync(
                        $"{token.Id}\t{Printable.Of(token.User)}\t{Printable.Of(token.Name)}\t{token.Scopes}\t{Expiry(token)}\t{Use(token)}"
                    );
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static Command CreateRevoke(DataOptions data)
    {
        var id = new Argument<long>("NUMBER") { Description = "The token's number, as token-list shows it." }.Between(1, long.MaxValue);
        var command = new Command("token-revoke", "Make an API token worthless, at once.") { id };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var number = parsed.GetRequiredValue(id);
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var token =
                    await new ApiTokens(database, TimeProvider.System).RevokeAsync(null, number, cancellationToken)
                    ?? throw new CommandException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"There is no token {number}: \"builder db token-list\" shows those there are."
                        )
                    );
                await CommandAudit.AddAsync(database, "token-revoke", $"{token.User}: {token.Name}");
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static string Expiry(ApiToken token) =>
        token.Expires is not { } expires ? "never expires"
        : expires <= TimeProvider.System.GetUtcNow() ? $"expired {Date(expires)}"
        : $"expires {Date(expires)}";

    private static string Use(ApiToken token) => token.Seen is { } seen ? $"used {Date(seen)}" : "not used";

    private static string Date(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
