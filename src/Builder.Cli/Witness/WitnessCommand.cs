using System.CommandLine;
using System.Net;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Posix;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;
using Builder.Web.Witnessing;

namespace Builder.Cli.Witness;

/// <summary><c>builder witness</c>: signs checkpoints of other sites' logs.</summary>
internal static class WitnessCommand
{
    public static Command Create()
    {
        var name = new Option<string>("--name")
        {
            Description = "The witness's name in its signatures, such as its host name.",
            Required = true,
            HelpName = "NAME",
        };
        name.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && !NoteSignature.IsName(text))
                result.AddError($"--name: \"{text}\" has white space or +");
        });
        var state = new Option<string>("--state")
        {
            Description = "Keeps the witness's key, made at first start, and the last checkpoint of each log.",
            Required = true,
            HelpName = "DIR",
        };
        var logs = new Option<NoteKey[]>("--log")
        {
            Description = "Key of a log to sign for, as its site shows it at /tlog/vkey. May be repeated.",
            DefaultValueFactory = _ => [],
            HelpName = "NAME+HASH+BASE64",
            CustomParser = static result =>
            {
                var keys = new List<NoteKey>();
                foreach (var token in result.Tokens)
                {
                    try
                    {
                        keys.Add(NoteKey.Parse(token.Value));
                    }
                    catch (InvalidLogDataException exception)
                    {
                        result.AddError($"--log: {exception.Message}");
                    }
                }
                if (keys.Select(static key => key.Name).Distinct(StringComparer.Ordinal).Count() < keys.Count)
                    result.AddError("--log: two keys have the same name");
                return [.. keys];
            },
        };
        var host = new Option<IPAddress>("--host", "-H")
        {
            Description = "Address to listen on.",
            DefaultValueFactory = _ => IPAddress.Loopback,
            HelpName = "ADDRESS",
            CustomParser = Values.Address,
        };
        var port = new Option<int>("--port", "-p")
        {
            Description = "Port to listen on; 0 takes any free one.",
            DefaultValueFactory = _ => 7390,
            HelpName = "PORT",
        };
        port.Between(0, Values.MaxPort);
        var command = new Command(
            "witness",
            """
            Sign checkpoints of other sites' transparency logs, so that those sites cannot show different logs to different people.

            A witness signs a checkpoint only where it continues the last one that it signed of that log. Farms can be each
            other's witnesses: start this on one, and the other's signer with --witness VKEY,URL.

            Example:
              builder witness --name witness.example.org --state /var/lib/builder-witness --log VKEY
            """
        )
        {
            name,
            state,
            logs,
            host,
            port,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                RunAsync(
                    parsed.GetRequiredValue(name),
                    parsed.GetRequiredValue(state),
                    parsed.GetRequiredValue(logs),
                    new IPEndPoint(parsed.GetRequiredValue(host), parsed.GetValue(port)),
                    cancellationToken
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        string name,
        string state,
        NoteKey[] logs,
        IPEndPoint address,
        CancellationToken cancellationToken
    )
    {
        if (logs.Length == 0)
            throw new CommandException("a witness without a log has nothing to sign: give --log", ExitCode.Usage);
        try
        {
            PrivateFiles.CreateDirectory(state);
            using var key = LoadOrCreate(Path.Combine(state, "key.pem"));
            using var witness = Publishing.TransparencyLog.Witness.Open(state, name, key, logs, TimeProvider.System);
            await Console.Error.WriteLineAsync($"builder: witness {witness.Key.Vkey}");
            await WitnessSite.RunAsync(
                witness,
                address,
                static url => Console.Error.WriteLine($"builder: listening on {url}"),
                cancellationToken
            );
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is LogException or InvalidKeyException or UnauthorizedAccessException)
        {
            throw new CommandException(exception.Message);
        }
    }

    private static Ed25519SigningKey LoadOrCreate(string path)
    {
        if (File.Exists(path))
            return SigningKey.FromPem(File.ReadAllText(path)) as Ed25519SigningKey
                ?? throw new CommandException($"{path} is no Ed25519 key");
        var made = Ed25519SigningKey.Generate();
        using (var file = PrivateFiles.Open(path, FileMode.CreateNew))
        using (var writer = new StreamWriter(file))
        {
            writer.Write(made.ToPem());
            writer.Flush();
            file.Flush(flushToDisk: true);
        }
        return made;
    }
}
