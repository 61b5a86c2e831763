using System.CommandLine;
using System.Globalization;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Proof.Keys;
using Builder.Storage.Rebuilders;

namespace Builder.Cli.Db;

/// <summary><c>builder db rebuilder-add|rebuilder-list|rebuilder-retire|rebuilder-revoke</c>: whose word about builds the site takes.</summary>
internal static class RebuilderCommands
{
    public static Command CreateAdd(DataOptions data)
    {
        var name = Name();
        var key = new Argument<string>("KEY")
        {
            Description = "Its public key: a PEM file, or \"-\" for standard input; \"builder rebuild\" prints it.",
        };
        var command = new Command(
            "rebuilder-add",
            "Take the word of a rebuilder: somebody who builds again what this site shows. A name may have several keys, and counts once."
        )
        {
            name,
            key,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var path = parsed.GetRequiredValue(key);
                var read = await ReadAsync(path, cancellationToken);
                var operatorName = parsed.GetRequiredValue(name);
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var rebuilder = new Rebuilder(
                    operatorName,
                    read.Id.Value,
                    read.SubjectPublicKeyInfo,
                    TimeProvider.System.GetUtcNow(),
                    Retired: null,
                    VoidFrom: null
                );
                if (!await RebuilderRows.AddAsync(database, rebuilder, cancellationToken))
                    throw new CommandException(
                        $"key {read.Id} is registered already: \"builder db rebuilder-list\" shows under which name"
                    );
                Console.WriteLine($"{operatorName}\t{read.Id}");
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static Command CreateList(DataOptions data)
    {
        var command = new Command("rebuilder-list", "List rebuilders: name, key, and whether their statements count.");
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                await using var session = await database.OpenReadAsync(cancellationToken);
                foreach (var rebuilder in await RebuilderRows.AllAsync(session, cancellationToken))
                    Console.WriteLine($"{rebuilder.Name}\t{rebuilder.KeyId}\tfrom {Text(rebuilder.Added)}\t{Standing(rebuilder)}");
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static Command CreateRetire(DataOptions data)
    {
        var name = Name();
        var command = new Command("rebuilder-retire", "Take no more statements of a rebuilder. Those that the site has go on counting.")
        {
            name,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var count = await RebuilderRows.RetireAsync(
                    database,
                    parsed.GetRequiredValue(name),
                    TimeProvider.System.GetUtcNow(),
                    cancellationToken
                );
                return count > 0
                    ? ExitCode.Success
                    : throw new CommandException(
                        $"no key of a rebuilder \"{parsed.GetRequiredValue(name)}\" is in use: see \"builder db rebuilder-list\""
                    );
            }
        );
        return command;
    }

    public static Command CreateRevoke(DataOptions data)
    {
        var name = Name();
        var since = new Option<DateTimeOffset?>("--since")
        {
            Description = "Only statements that the site received from then on, such as 2026-11-27T10:00:00Z. Default: all.",
            HelpName = "TIME",
            CustomParser = static result =>
            {
                if (Rfc3339.TryParse(result.Tokens[0].Value, out var moment))
                    return moment.ToDateTimeOffset();
                result.AddError($"--since {result.Tokens[0].Value} is not a time such as 2026-11-27T10:00:00Z");
                return null;
            },
        };
        var command = new Command(
            "rebuilder-revoke",
            "Stop believing a rebuilder: its statements no longer count, and no more are taken. What was published stays published."
        )
        {
            name,
            since,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var count = await RebuilderRows.RevokeAsync(
                    database,
                    parsed.GetRequiredValue(name),
                    parsed.GetValue(since) ?? DateTimeOffset.UnixEpoch,
                    cancellationToken
                );
                return count > 0
                    ? ExitCode.Success
                    : throw new CommandException(
                        $"there is no rebuilder \"{parsed.GetRequiredValue(name)}\": see \"builder db rebuilder-list\""
                    );
            }
        );
        return command;
    }

    private static Argument<string> Name()
    {
        var argument = new Argument<string>("NAME") { Description = "Who runs the rebuilder, such as debian.example." };
        argument.Validators.Add(result =>
        {
            var name = result.GetValueOrDefault<string>();
            if (
                string.IsNullOrWhiteSpace(name)
                || name.Length > Rebuilder.MaxNameLength
                || name.Any(static letter => char.IsControl(letter) || char.IsWhiteSpace(letter))
            )
                result.AddError($"A rebuilder's name has 1 to {Rebuilder.MaxNameLength} characters without blanks.");
        });
        return argument;
    }

    private static async Task<VerificationKey> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = path == "-" ? Console.In : new StreamReader(path);
            var text = new char[VerificationKey.MaxPemLength + 1];
            return VerificationKey.FromPem(text.AsSpan(0, await reader.ReadBlockAsync(text, cancellationToken)));
        }
        catch (InvalidKeyException exception)
        {
            throw new CommandException($"{path}: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot read {path}: {exception.Message}");
        }
    }

    private static string Standing(Rebuilder rebuilder) =>
        rebuilder switch
        {
            { VoidFrom: { } from } when from.ToUnixTimeSeconds() == 0 => "revoked: none of its statements counts",
            { VoidFrom: { } from } => $"revoked: statements from {Text(from)} on do not count",
            { Retired: { } retired } => $"retired {Text(retired)}",
            _ => "in use",
        };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
