using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Logging;
using Builder.Cli.Parsing;
using Builder.Publishing.Attestation;
using Builder.Publishing.TransparencyLog;
using Builder.Storage.Database;
using Builder.Storage.Troubles;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Signer;

/// <summary><c>builder signer</c>: holds the keys and signs statements about stored builds, as a process and user of its own.</summary>
internal static class SignerCommand
{
    internal const string SocketName = "signer.sock";
    internal const string OperatorSocketName = "operator.sock";

    public static string DefaultDirectory => OperatingSystem.IsFreeBSD() ? "/var/db/builder-signer" : "/var/lib/builder-signer";

    public static Command Create()
    {
        var data = new DataOptions();
        var state = StateOption();
        var socket = new Option<string?>("--socket")
        {
            Description = $"Where the site asks; its group may open it. Default: {SocketName} in the directory of --state.",
            HelpName = "PATH",
        };
        var publicUrl = new Option<Uri>("--public-url")
        {
            Description = "How visitors reach the site, such as https://builds.example.org; statements name builders by it.",
            Required = true,
            HelpName = "URL",
            CustomParser = Values.HttpUrl,
        };
        var serverKeys = new Option<string[]>("--server-key")
        {
            Description =
                "Public key of a build server whose builds get provenance: _record-key.pub of its directory; may be repeated. Without it every build counts as imported.",
            HelpName = "FILE",
        };
        var hosted = new Option<bool>("--hosted")
        {
            Description =
                "Declare that builds run on a hosted platform, not on a workstation: summaries then claim SLSA build level 2 or 3.",
        };
        var logDirectory = new Option<string?>("--log-dir")
        {
            Description =
                "Directory of the transparency log's public files, which the site serves; made if absent. Each statement then gets an entry. Without it there is no log.",
            HelpName = "DIR",
        };
        var witnesses = new Option<WitnessAddress[]>("--witness")
        {
            Description =
                "Have each checkpoint of the log signed by this witness: its key and its address. May be repeated. See builder witness --help.",
            HelpName = "NAME+HASH+BASE64,URL",
            DefaultValueFactory = _ => [],
            CustomParser = static result =>
            {
                var read = new List<WitnessAddress>();
                foreach (var token in result.Tokens)
                {
                    if (WitnessAddress.TryParse(token.Value, out var witness, out var reason))
                        read.Add(witness);
                    else
                        result.AddError($"--witness: {reason}");
                }
                return [.. read];
            },
        };
        var untilInputCloses = new Option<bool>("--until-stdin-closes")
        {
            Description = "End when standard input ends: no signer outlives the program that started it.",
            Hidden = true,
        };
        var logging = new LogOptions();
        var command = new Command(
            "signer",
            "Sign statements about stored builds. Run it as a user of its own: the site, the server and jobs then cannot reach the keys."
        )
        {
            state,
            socket,
            publicUrl,
            serverKeys,
            hosted,
            logDirectory,
            witnesses,
            untilInputCloses,
        };
        data.AddTo(command);
        logging.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var loggers = logging.Create(parsed);
                using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var waiting = parsed.GetValue(untilInputCloses) ? EndWithInputAsync(end) : Task.CompletedTask;
                var directory = Path.GetFullPath(parsed.GetRequiredValue(state));
                var settings = new SignerSettings(directory, parsed.GetRequiredValue(publicUrl))
                {
                    ServerKeys = parsed.GetValue(serverKeys) ?? [],
                    IsHosted = parsed.GetValue(hosted),
                    LogDirectory = parsed.GetValue(logDirectory),
                    Version = typeof(SignerCommand).Assembly.GetName().Version?.ToString(3) ?? "",
                };
                await RunAsync(
                    settings,
                    data.Settings(parsed) with
                    {
                        IsReadOnly = true,
                    },
                    parsed.GetValue(socket) ?? Path.Combine(directory, SocketName),
                    parsed.GetRequiredValue(witnesses),
                    loggers,
                    end.Token
                );
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static Option<string> StateOption() =>
        new("--state")
        {
            Description = "Directory of the signer: its keys and what it signed.",
            DefaultValueFactory = _ => DefaultDirectory,
            HelpName = "DIR",
        };

    private static async Task RunAsync(
        SignerSettings settings,
        DatabaseSettings database,
        string socket,
        WitnessAddress[] witnesses,
        StandardErrorLoggerFactory loggers,
        CancellationToken cancellationToken
    )
    {
        var logger = loggers.CreateLogger("signer");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await using var opened = await BuilderDatabase.OpenAsync(database, cancellationToken);
            var keys = new KeyDirectory(AttestationSigner.KeysIn(settings.StateDirectory), TimeProvider.System);
            keys.CreateMissing(settings.Site);
            await using var log = settings.LogDirectory is { } directory
                ? await StatementLog.OpenAsync(settings, keys, directory, cancellationToken)
                : null;
            using var signer = await AttestationSigner.OpenAsync(settings, opened, log, TimeProvider.System, cancellationToken);
            if (settings.ServerKeys.Count == 0)
                logger.NoServerKey();
            var asking =
                log is null || witnesses.Length == 0
                    ? Task.CompletedTask
                    : log.AskWitnessesAsync(witnesses, http, TimeProvider.System, loggers.CreateLogger<WitnessPusher>(), ended.Token);
            await EndedAsync(
                new AttestationServer(signer, TimeProvider.System, logger).RunAsync(
                    Path.GetFullPath(socket),
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
                    Path.Combine(settings.StateDirectory, OperatorSocketName),
                    () => logger.Signing(socket, settings.Site),
                    cancellationToken
                ),
                asking,
                ended
            );
        }
        catch (Exception exception) when (exception is SignerException or SchemaException)
        {
            throw new CommandException(exception.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end while starting.
        }
    }

    /// <summary>The log is open until nobody asks witnesses for it any more.</summary>
    private static async Task EndedAsync(Task serving, Task asking, CancellationTokenSource ended)
    {
        try
        {
            await serving;
        }
        finally
        {
            await ended.CancelAsync();
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task EndWithInputAsync(CancellationTokenSource end)
    {
        await using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        while (await input.ReadAsync(buffer) > 0)
        {
            // Nothing is said there.
        }
        await end.CancelAsync();
    }
}
