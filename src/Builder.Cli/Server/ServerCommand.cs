using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Builder.Cli.Errors;
using Builder.Cli.Files;
using Builder.Cli.Logging;
using Builder.Cli.Parsing;
using Builder.Cli.Secrets;
using Builder.Cli.Tracing;
using Builder.Protocol.Text;
using Builder.Protocol.Values;
using Builder.Server;
using Builder.Server.Options;
using Builder.Server.Scheduling;
using Builder.Server.Shared;
using Microsoft.Extensions.Logging;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Server;

/// <summary><c>builder server</c>: keeps schedule and queues, hands jobs to workers, collects and uploads what they build.</summary>
internal static class ServerCommand
{
    /// <summary>30 days, in seconds, as for the limit of a single job.</summary>
    private const int MaxTimeLimit = 30 * 24 * 3600;

    /// <summary>For the last traces, where their collector does not answer.</summary>
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(2);

    private const long SmallestFrameMemory = 96L << 20;

    public static string DefaultDirectory => OperatingSystem.IsFreeBSD() ? "/var/db/builder" : "/var/lib/builder";

    private static string DefaultConfiguration => OperatingSystem.IsFreeBSD() ? "/usr/local/etc/builder" : "/etc/builder";

    public static Command Create()
    {
        var ip = new Option<IPAddress>("--ip")
        {
            Description = "Address to listen on.",
            DefaultValueFactory = _ => IPAddress.Loopback,
            CustomParser = Values.Address,
        };
        var port = new Option<int>("--port")
        {
            Description = "Port to listen on; 0 for any free one.",
            DefaultValueFactory = _ => RemoteAddress.DefaultPort,
        }.Between(IPEndPoint.MinPort, IPEndPoint.MaxPort);
        var directory = new Option<string>("--dir") { Description = "State and builds.", DefaultValueFactory = _ => DefaultDirectory };
        var configuration = new Option<string>("--config-dir")
        {
            Description = "Templates orb-build.template.PLATFORM.",
            DefaultValueFactory = _ => DefaultConfiguration,
        };
        var upload = new Option<Uri>("--upload")
        {
            Description =
                "Where finished builds are uploaded to, such as https://builds.example.org/upload. May hold user:password@, which others on this machine can read.",
            HelpName = "URL",
            CustomParser = Values.HttpUrl,
        };
        var uploadUser = new Option<string?>(UploadPassword.UserOption)
        {
            Description = "The user that uploads (builder db user-add); default the one in --upload.",
            HelpName = "NAME",
        };
        uploadUser.Validators.Add(result =>
        {
            if (UploadCredentials.ProblemOfUser(result.GetValueOrDefault<string>() ?? "") is { } problem)
                result.AddError($"{UploadPassword.UserOption}: {problem}");
        });
        var uploadPassword = new Option<FileInfo?>(UploadPassword.FileOption)
        {
            Description =
                $"File with that user's password; default the systemd credential \"{UploadPassword.Credential}\", ${UploadPassword.Variable}, or the one in --upload.",
            HelpName = "FILE",
        };
        var socket = new Option<string>("--socket")
        {
            Description = "Also listen for local clients on this socket, guarded by its file permissions.",
        };
        var workerSocket = new Option<string>("--worker-socket")
        {
            Description = "Also listen for local workers on this socket, guarded by its file permissions: builder worker -r unix:PATH.",
            HelpName = "PATH",
        };
        var limit = new Option<int>("--time-limit")
        {
            Description = "Seconds after which a job is ended.",
            DefaultValueFactory = _ => 3600,
        }.Between(1, MaxTimeLimit);
        var attempts = new Option<int>("--attempts") { Description = "Workers that a job may lose.", DefaultValueFactory = _ => 3 }.Between(
            1,
            1000
        );
        var keys = new Option<bool>("--require-keys") { Description = "Want a key of every peer, on loopback as well." };
        var insecure = new Option<bool>("--insecure") { Description = "Listen elsewhere than on loopback without keys." };
        var certificate = new Option<FileInfo?>("--tls-certificate")
        {
            Description = "Talk TLS, with this certificate and private key (PEM).",
            HelpName = "FILE",
        };
        var authority = new Option<FileInfo?>("--tls-client-ca")
        {
            Description = "Let workers with a certificate of this authority in without a key (PEM).",
            HelpName = "FILE",
        };
        var metrics = new Option<int?>("--metrics") { Description = "Serve /metrics and /health over HTTP on this port." }.Between(
            IPEndPoint.MinPort,
            IPEndPoint.MaxPort
        );
        var export = new Option<bool>("--export-state") { Description = "Write DIR/state for a server of the original, and end." };
        var shared = new SharedStateArguments();
        var silence = new Option<int>("--silence-limit")
        {
            Description = "Seconds without a console line after which a job of a worker of the original is taken for lost; 0 for never.",
            DefaultValueFactory = _ => 1800,
        }.Between(0, MaxTimeLimit);
        var resume = new Option<int>("--resume-time")
        {
            Description =
                "Seconds that an extended worker may take to come back to its job after a start of the server; then the job is queued again. 0: at once.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 120,
        }.Between(0, 24 * 3600);
        var rebuilds = new Option<int>("--rebuilds")
        {
            Description = "How often each good build is built again, where its job does not say. Default: 0.",
            HelpName = "NUMBER",
        }.Between(0, RebuildPolicy.MaxRebuilds);
        var vary = VariationsOption.Create(
            "--vary",
            "What workers change in these repetitions, where the job does not say: names such as time,path,locale, or all. Default: nothing."
        );
        var rebuildShare = new Option<int>("--rebuild-share")
        {
            Description = "Percent of a platform's workers that build repetitions at most; one worker always may.",
            HelpName = "PERCENT",
            DefaultValueFactory = _ => new RebuildOptions().MaxSharePercent,
        }.Between(1, 100);
        var artifactSize = Size("--max-artifact-size", "All files that a job leaves, such as 4G.", "4G");
        var artifacts = new Option<int>("--max-artifacts")
        {
            Description = "Files that a job may leave.",
            DefaultValueFactory = _ => 100_000,
        }.Between(1, 10_000_000);
        var console = Size("--max-console", "Console of a job; what comes after is left out.", "512M");
        var memory = Size(
            "--frame-memory",
            "Memory for messages that have not come in whole, of all peers together; 96M at least.",
            "256M"
        );
        memory.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && ByteSize.TryParse(token.Value, out var bytes) && bytes < SmallestFrameMemory)
                result.AddError($"--frame-memory {token.Value} is less than 96M, too little for one long message");
        });
        var recover = new Option<string?>("--recover")
        {
            Description =
                "List each record of a damaged journal and what can be saved, and end; --recover=write saves it and keeps the damaged files.",
            HelpName = "write",
            Arity = ArgumentArity.ZeroOrOne,
        };
        recover.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not "write" } other])
                result.AddError($"--recover \"{other.Value}\" is not known; use --recover to look, --recover=write to save");
        });
        var traces = new TraceOption();
        var logging = new LogOptions();
        var command = new Command("server", "Schedule jobs, hand them to workers, collect and upload what they build.")
        {
            ip,
            port,
            directory,
            configuration,
            upload,
            uploadUser,
            uploadPassword,
            socket,
            workerSocket,
            limit,
            attempts,
            keys,
            insecure,
            certificate,
            authority,
            metrics,
            export,
            recover,
            silence,
            resume,
            rebuilds,
            vary,
            rebuildShare,
            artifactSize,
            artifacts,
            console,
            memory,
        };
        shared.AddTo(command);
        traces.AddTo(command);
        logging.AddTo(command);
        command.Validators.Add(result =>
        {
            foreach (var option in (Option[])[uploadUser, uploadPassword])
            {
                if (result.GetResult(upload) is null && result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} is for --upload; add that");
            }
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var loggers = logging.Create(parsed);
                var isServing = parsed.GetResult(recover) is not { Implicit: false } && !parsed.GetValue(export);
                var options = new ServerOptions
                {
                    Address = parsed.GetRequiredValue(ip),
                    Port = parsed.GetValue(port),
                    Directory = parsed.GetRequiredValue(directory),
                    ConfigurationDirectory = parsed.GetRequiredValue(configuration),
                    Upload = parsed.GetValue(upload),
                    UploadCredentials = isServing
                        ? Credentials(
                            parsed.GetValue(upload),
                            parsed.GetValue(uploadUser),
                            parsed.GetValue(uploadPassword),
                            loggers.CreateLogger("server")
                        )
                        : null,
                    Socket = parsed.GetValue(socket),
                    WorkerSocket = parsed.GetValue(workerSocket),
                    TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(limit)),
                    MaxAttempts = parsed.GetValue(attempts),
                    RequiresKeys = parsed.GetValue(keys),
                    IsInsecure = parsed.GetValue(insecure),
                    Tls = Tls(parsed.GetValue(certificate), parsed.GetValue(authority)),
                    MetricsPort = parsed.GetValue(metrics),
                    State = parsed.GetValue(shared.State)?.Choice ?? StateChoice.Ask,
                    SharedState = shared.Find(parsed),
                    SpoolDirectory = parsed.GetValue(shared.Spool),
                    MaxConsoleSilence = parsed.GetValue(silence) is > 0 and var seconds
                        ? TimeSpan.FromSeconds(seconds)
                        : Timeout.InfiniteTimeSpan,
                    ResumeTimeout = TimeSpan.FromSeconds(parsed.GetValue(resume)),
                    Rebuilding = new RebuildOptions
                    {
                        Rebuilds = parsed.GetValue(rebuilds),
                        Vary = parsed.GetValue(vary) ?? Variations.None,
                        MaxSharePercent = parsed.GetValue(rebuildShare),
                    },
                    JobLimits = new JobLimits
                    {
                        MaxArtifacts = parsed.GetValue(artifacts),
                        MaxArtifactBytes = parsed.GetValue(artifactSize),
                    },
                    MaxConsoleSize = parsed.GetValue(console),
                    MaxFrameMemory = parsed.GetValue(memory),
                };
                using var traceExport = isServing
                    ? traces.Start(parsed, "builder-server", TimeToEnd, loggers.CreateLogger("traces"))
                    : null;
                try
                {
                    if (parsed.GetValue(shared.CopyState) is { } target)
                        return await CopyStateAsync(
                            new StateCopy(Shared(options), TimeProvider.System, loggers),
                            target,
                            cancellationToken
                        );
                    if (isServing && options.SharedState is not null)
                    {
                        await using var paired = new PairedServer(options, TimeProvider.System, loggers);
                        await ServeAsync(paired.StartAsync, paired.StopAsync, cancellationToken);
                        return ExitCode.Success;
                    }
                    if (options.SharedState is not null)
                        throw new CommandException(
                            "--recover and --export-state are for a journal in --dir; copy the state there with --copy-state directory first"
                        );
                    await using var server = new BuilderServer(options, TimeProvider.System, loggers);
                    if (parsed.GetResult(recover) is { Implicit: false })
                        return Recover(server, parsed.GetValue(recover) == "write");
                    if (parsed.GetValue(export))
                    {
                        foreach (var line in await server.ExportStateAsync())
                            Console.Error.WriteLine(VisibleText.Line($"state: {line}"));
                    }
                    else
                        await ServeAsync(server.StartAsync, server.StopAsync, cancellationToken);
                }
                catch (InvalidDataException exception)
                {
                    throw new CommandException(exception.Message);
                }
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static UploadCredentials? Credentials(Uri? upload, string? user, FileInfo? password, ILogger logger)
    {
        try
        {
            if (upload is not null)
                return UploadPassword.Find(upload, user, password?.FullName, logger.SecretProblem);
            UploadPassword.WarnOfUnused(logger.SecretProblem);
            return null;
        }
        finally
        {
            UploadPassword.ForgetVariable();
        }
    }

    private static Option<long> Size(string name, string description, string standard) =>
        new(name)
        {
            Description = $"{description} {standard} if not given.",
            HelpName = "SIZE",
            DefaultValueFactory = _ => ByteSize.TryParse(standard, out var bytes) ? bytes : throw new InvalidOperationException(standard),
            CustomParser = result =>
            {
                if (ByteSize.TryParse(result.Tokens[0].Value, out var bytes))
                    return bytes;
                result.AddError($"{name} \"{result.Tokens[0].Value}\" is not a size such as 512M or 4G");
                return 0;
            },
        };

    private static ServerOptions Shared(ServerOptions options) =>
        options.SharedState is not null
            ? options
            : throw new CommandException("--copy-state needs the database: add --state \"Host=...;Database=...\" or --state-file FILE");

    private static async Task<int> CopyStateAsync(StateCopy copy, string target, CancellationToken cancellationToken)
    {
        var lines = target == "database" ? await copy.ToDatabaseAsync(cancellationToken) : await copy.ToDirectoryAsync(cancellationToken);
        foreach (var line in lines)
            Console.Out.WriteLine(VisibleText.Line(line));
        return ExitCode.Success;
    }

    private static int Recover(BuilderServer server, bool isWriting)
    {
        var isDamaged = server.Recover(isWriting, line => Console.Out.WriteLine(VisibleText.Line(line)));
        if (!isDamaged || isWriting)
            return ExitCode.Success;
        Console.Error.WriteLine("nothing was changed; --recover=write saves what can be saved and keeps the damaged files");
        return ExitCode.Failed;
    }

    private static TlsOptions? Tls(FileInfo? certificate, FileInfo? authority)
    {
        if (certificate is null)
            return authority is null ? null : throw new CommandException("--tls-client-ca needs --tls-certificate");
        try
        {
            X509Certificate2Collection? authorities = null;
            if (authority is not null)
            {
                authorities = CertificateFile.Authorities(authority);
            }
            return new TlsOptions(X509Certificate2.CreateFromPemFile(certificate.FullName), authorities);
        }
        catch (CryptographicException exception)
        {
            throw new CommandException($"{certificate}: no certificate with its private key in PEM: {exception.Message}");
        }
    }

    /// <summary>Serves until Ctrl-C or a service manager's TERM, both of which are a clean end.</summary>
    private static async Task ServeAsync(
        Func<CancellationToken, Task> startAsync,
        Func<Task> stopAsync,
        CancellationToken cancellationToken
    )
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        await using var registration = cancellationToken.Register(() => end.TrySetResult());
        await startAsync(cancellationToken);
        await end.Task;
        await stopAsync();

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            end.TrySetResult();
        }
    }
}
