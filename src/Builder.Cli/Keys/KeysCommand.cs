using System.CommandLine;
using System.Globalization;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Signer;
using Builder.Proof.Keys;
using Builder.Publishing.Attestation;

namespace Builder.Cli.Keys;

/// <summary><c>builder keys init|list|rotate|revoke|export</c>: the keys of the signer. A running signer notices each change.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var state = SignerCommand.StateOption();
        state.Recursive = true;
        return new Command("keys", "Keys that sign statements about builds. Run it as the signer's user.")
        {
            state,
            CreateInit(state),
            CreateList(state),
            CreateRotate(state),
            CreateRevoke(state),
            CreateExport(state),
        };
    }

    private static Command CreateInit(Option<string> state)
    {
        var url = new Option<Uri>("--public-url")
        {
            Description = "How visitors reach the site, such as https://builds.example.org.",
            Required = true,
            HelpName = "URL",
            CustomParser = Values.HttpUrl,
        };
        var command = new Command("init", "Make the keys that are missing; \"builder signer\" does so when it starts.") { url };
        command.SetAction(parsed =>
            Guard(() =>
            {
                var made = Open(parsed, state).CreateMissing(parsed.GetRequiredValue(url).GetLeftPart(UriPartial.Authority));
                foreach (var key in made)
                    Print(key);
                if (made.Count == 0)
                    Console.Error.WriteLine("All keys are there already.");
            })
        );
        return command;
    }

    private static Command CreateList(Option<string> state)
    {
        var command = new Command("list", "List all keys, also those that are no longer in use.");
        command.SetAction(parsed =>
            Guard(() =>
            {
                foreach (var key in Open(parsed, state).Read().Keys)
                    Print(key);
            })
        );
        return command;
    }

    private static Command CreateRotate(Option<string> state)
    {
        var use = UseOption("The key to replace; the log's cannot be replaced.", "statements", "files");
        var command = new Command("rotate", "Replace a key: the new one signs from now on, what the old one signed stays valid.") { use };
        command.SetAction(parsed => Guard(() => Print(Open(parsed, state).Rotate(UseOf(parsed.GetRequiredValue(use))))));
        return command;
    }

    private static Command CreateRevoke(Option<string> state)
    {
        var id = new Argument<KeyId>("ID")
        {
            Description = "The key, as \"builder keys list\" shows it.",
            CustomParser = static result =>
            {
                if (!KeyId.TryParse(result.Tokens[0].Value, out var parsed))
                    result.AddError($"\"{result.Tokens[0].Value}\" is not a key's id such as SHA256:… of 43 characters");
                return parsed;
            },
        };
        var since = new Option<DateTimeOffset?>("--since")
        {
            Description =
                "When others may first have had the key, such as 2026-11-27T10:00:00Z; statements from then on are void. Default: now.",
            HelpName = "TIME",
            CustomParser = static result =>
            {
                if (Rfc3339.TryParse(result.Tokens[0].Value, out var moment))
                    return moment.ToDateTimeOffset();
                result.AddError($"--since {result.Tokens[0].Value} is not a time such as 2026-11-27T10:00:00Z");
                return null;
            },
        };
        var because = new Option<string>("--because")
        {
            Description = "Why, in a sentence for people.",
            Required = true,
            HelpName = "TEXT",
        };
        var command = new Command(
            "revoke",
            "Say that others may have a key: its statements from then on are void. A new key takes its place."
        )
        {
            id,
            since,
            because,
        };
        command.SetAction(parsed =>
            Guard(() =>
            {
                if (parsed.GetRequiredValue(because) is not { Length: > 0 and <= KeyRevocation.MaxReasonLength } reason)
                    throw new CommandException($"--because takes a sentence of at most {KeyRevocation.MaxReasonLength} characters");
                var moment = parsed.GetValue(since) ?? TimeProvider.System.GetUtcNow();
                var place = AttestationSigner.LogIndexAt(parsed.GetRequiredValue(state), moment);
                Print(Open(parsed, state).Revoke(parsed.GetRequiredValue(id), new KeyRevocation(moment, place, reason)));
            })
        );
        return command;
    }

    private static Command CreateExport(Option<string> state)
    {
        var use = UseOption("Which key.", "statements", "log", "files");
        use.DefaultValueFactory = static _ => "statements";
        var command = new Command("export", "Print the public key that is in use, in PEM.") { use };
        command.SetAction(parsed =>
            Guard(() =>
            {
                var wanted = UseOf(parsed.GetRequiredValue(use));
                var key =
                    Open(parsed, state).Read().Keys.LastOrDefault(key => key.Use == wanted && key.IsInUse)
                    ?? throw new CommandException($"no key for {parsed.GetRequiredValue(use)} is in use");
                Console.Out.Write(key.Key.ToPem());
            })
        );
        return command;
    }

    private static Option<string> UseOption(string description, params string[] uses)
    {
        var option = new Option<string>("--use")
        {
            Description = description,
            DefaultValueFactory = _ => uses[0],
            HelpName = string.Join('|', uses),
        };
        return option.OneOf(uses);
    }

    private static KeyUse UseOf(string name) =>
        name switch
        {
            "log" => KeyUse.Log,
            "files" => KeyUse.Files,
            _ => KeyUse.Statements,
        };

    private static KeyDirectory Open(ParseResult parsed, Option<string> state) =>
        new(AttestationSigner.KeysIn(Path.GetFullPath(parsed.GetRequiredValue(state))), TimeProvider.System);

    private static void Print(PublishedKey key)
    {
        var standing =
            key.Revocation is { } revocation ? $"compromised since {Text(revocation.Since)}: {revocation.Because}"
            : key.Retired is { } retired ? $"retired {Text(retired)}"
            : "in use";
        Console.Out.WriteLine($"{key.Id}\t{KeyList.NameOf(key.Use)}\tfrom {Text(key.From)}\t{standing}");
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static int Guard(Action work)
    {
        try
        {
            work();
            return ExitCode.Success;
        }
        catch (SignerException exception)
        {
            throw new CommandException(exception.Message);
        }
    }
}
