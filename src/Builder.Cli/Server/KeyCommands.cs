using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Access;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Server;

/// <summary><c>builder worker-key</c> and <c>builder admin-key</c>: who may come to a server that wants keys.</summary>
internal static class KeyCommands
{
    public static Command CreateWorkerKey() => Create("worker-key", "Keys of workers.", PeerKind.Worker);

    public static Command CreateAdminKey() => Create("admin-key", "Keys of administrators, for builder client.", PeerKind.Client);

    private static Command Create(string verb, string description, PeerKind kind)
    {
        var directory = new Option<string>("--dir")
        {
            Description = "The server's directory.",
            DefaultValueFactory = _ => ServerCommand.DefaultDirectory,
            Recursive = true,
        };
        var name = new Argument<string>("NAME") { Description = "What the key is called." };
        var platform = new Option<Platform[]>("--platform", "-p")
        {
            Description = "A platform that the worker may ask jobs for; may be repeated. Without it all.",
            CustomParser = result => [.. result.Tokens.Select(token => ArgumentValues.Platform(result, token.Value)).OfType<Platform>()],
        };
        var may = new Option<ClientPermission[]>("--may")
        {
            Description =
                $"What the key is for: {string.Join(", ", ClientPermissions.Names)}, separated by commas; may be repeated. Without it everything. Reading is always allowed.",
            HelpName = "WORDS",
            CustomParser = result =>
            {
                var permissions = new List<ClientPermission>();
                foreach (var word in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
                {
                    if (ClientPermissions.TryParse(word, out var permission))
                        permissions.Add(permission);
                    else
                        result.AddError($"--may takes {string.Join(", ", ClientPermissions.Names)}, not \"{word}\"");
                }
                return [.. permissions.Distinct()];
            },
        };
        var add = new Command("add", "Make a key; it is printed once and kept nowhere.") { name };
        if (kind == PeerKind.Worker)
            add.Add(platform);
        else
            add.Add(may);
        add.SetAction(parsed =>
        {
            try
            {
                var platforms = kind == PeerKind.Worker ? parsed.GetValue(platform) ?? [] : [];
                var permissions = kind == PeerKind.Client ? parsed.GetValue(may) ?? [] : [];
                Console.Out.WriteLine(Keys(parsed).Add(kind, parsed.GetRequiredValue(name), platforms, permissions));
                return ExitCode.Success;
            }
            catch (ArgumentException exception)
            {
                throw new CommandException(exception.Message);
            }
        });
        var list = new Command("list", "List the keys.");
        list.SetAction(parsed =>
        {
            foreach (var key in Keys(parsed).List().Where(key => key.Kind == kind))
                Console.Out.WriteLine(
                    $"{key.Name}\t{key.Created.ToDateTimeOffset():yyyy-MM-dd}\t{(key.Platforms.Count == 0 ? "all platforms" : string.Join(' ', key.Platforms))}"
                        + (key.Permissions.Count == 0 ? "" : $"\tmay {string.Join(", ", key.Permissions.Select(ClientPermissions.NameOf))}")
                );
            return ExitCode.Success;
        });
        var revoke = new Command("revoke", "Make a key worthless, at once.") { name };
        revoke.SetAction(parsed =>
            Keys(parsed).Revoke(kind, parsed.GetRequiredValue(name))
                ? ExitCode.Success
                : throw new CommandException($"there is no key named \"{parsed.GetRequiredValue(name)}\"")
        );
        return new Command(verb, description) { directory, add, list, revoke };

        AccessKeys Keys(ParseResult parsed) => new(parsed.GetRequiredValue(directory), TimeProvider.System);
    }
}
