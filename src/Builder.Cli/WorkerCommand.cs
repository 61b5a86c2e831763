using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Builder.Cli.Logging;
using Builder.Cli.Parsing;
using Builder.Protocol;
using Builder.Worker;
using Builder.Worker.Conversation;
using Builder.Worker.Isolation;
using Command = System.CommandLine.Command;

namespace Builder.Cli;

/// <summary><c>builder worker PLATFORM</c>.</summary>
internal static class WorkerCommand
{
    private static readonly Argument<Platform> PlatformArgument = new("PLATFORM")
    {
        Description = "What this machine builds for, such as debian-12.",
        CustomParser = static result => ArgumentValues.Platform(result, result.Tokens[0].Value),
    };

    private static readonly Option<RemoteAddress> Remote = new("--remote", "-r")
    {
        Description = "Where the server listens: HOST:PORT or [IPV6]:PORT.",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => RemoteAddress.Default,
        CustomParser = result =>
        {
            if (!RemoteAddress.TryParse(result.Tokens[0].Value, out var address, out var reason))
                result.AddError(reason);
            else if (address.Path is not null)
                result.AddError("a server's local socket is for clients; workers connect to HOST:PORT");
            else
                return address;
            return null;
        },
    };

    private static readonly Option<bool> Loop = new("--loop")
    {
        Description = "Go on with the next job when one is done, and wait for a server that is away.",
    };

    private static readonly Option<TimeSpan> Timeout = Duration(
        "--timeout", "Time limit of a job; without it the server's word where it is ours (--extended), else an hour.", null);

    private static readonly Option<TimeSpan> Grace = Duration("--grace", "From asking a job to end until it is killed.", TimeSpan.FromSeconds(5));

    private static readonly Option<string> WorkDirectory = new("--workdir")
    {
        Description = "Where jobs get their directories.",
        HelpName = "DIR",
        DefaultValueFactory = _ => Path.GetTempPath(),
    };

    private static readonly Option<string[]> Env = new("--env")
    {
        Description = "A variable for jobs beyond the usual few; without a value this worker's own. May be repeated.",
        HelpName = "NAME[=VALUE]",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<SandboxKind> Sandbox = new("--sandbox")
    {
        Description = "none: the container around the worker is all there is. bubblewrap: read-only system, private /tmp, own processes.",
        HelpName = "none|bubblewrap",
    };

    private static readonly Option<SandboxNetwork> Network = new("--network")
    {
        Description = "The network of a job in a sandbox.",
        HelpName = "none|host",
    };

    private static readonly Option<string[]> Hide = new("--hide")
    {
        Description = "A file or directory that jobs in a sandbox must not see. May be repeated.",
        HelpName = "PATH",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<long?> Memory = new("--memory")
    {
        Description = "Limit of a job's memory, such as 512M or 4G (by control groups).",
        HelpName = "BYTES",
        CustomParser = result =>
        {
            if (ByteSize.TryParse(result.Tokens[0].Value, out var bytes))
                return bytes;
            result.AddError($"\"{result.Tokens[0].Value}\" is not a size such as 512M or 4G");
            return null;
        },
    };

    private static readonly Option<double?> Cpus = new Option<double?>("--cpus")
    {
        Description = "How many processors' time a job may take, such as 1.5 (by control groups).",
        HelpName = "NUMBER",
    }.Between(0.01, 10_000);

    private static readonly Option<long?> Pids = new Option<long?>("--pids")
    {
        Description = "How many processes and threads a job may have (by control groups).",
        HelpName = "NUMBER",
    }.Between(1, long.MaxValue);

    private static readonly Option<bool> Extended = new("--extended")
    {
        Description = "The server is ours too: send heartbeats and metering, let it cancel jobs.",
    };

    private static readonly Option<string> Name = new("--name")
    {
        Description = "What the server calls this worker.",
        DefaultValueFactory = _ => Environment.MachineName,
    };

    private static readonly Option<FileInfo?> KeyFile = new("--key-file")
    {
        Description = "File with the key that the server knows this worker by (builder worker-key add).",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Tls = new("--tls") { Description = "Talk TLS and check the server's certificate." };

    private static readonly Option<FileInfo?> TlsAuthority = new("--tls-ca")
    {
        Description = "The only authority whose certificates are taken from the server (PEM).",
        HelpName = "FILE",
    };

    private static readonly Option<FileInfo?> TlsCertificate = new("--tls-certificate")
    {
        Description = "This worker's own certificate with its private key (PEM).",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Insecure = new("--insecure")
    {
        Description = "Send the key to another machine even without TLS.",
    };

    private static readonly Option<bool> UntilStandardInputCloses = new("--until-stdin-closes")
    {
        Description = "End when standard input ends: no worker outlives the program that started it.",
        Hidden = true,
    };

    private static readonly LogOptions Logging = new();

    /// <param name="asOriginal">Report a script that a signal ended as the original worker does.</param>
    public static Command Create(bool asOriginal = false)
    {
        var command = new Command(
            "worker",
            """
            Run jobs for a server.

            Connects, waits for one job, runs its script in an empty directory, sends what it prints, and at the end its
            exit status and every file it left. Then it exits with status 0, so that a service manager starts it again,
            or goes on with --loop.
            """)
        {
            PlatformArgument, Remote, Loop, Timeout, Grace, WorkDirectory, Env,
            Sandbox, Network, Hide, Memory, Cpus, Pids,
            Extended, Name, KeyFile, Tls, TlsAuthority, TlsCertificate, Insecure,
            UntilStandardInputCloses,
        };
        Logging.AddTo(command);
        command.Validators.Add(Validate);
        command.SetAction((parsed, cancellation) => RunAsync(parsed, asOriginal, cancellation));
        return command;
    }

    private static void Validate(CommandResult result)
    {
        var isSandboxed = result.GetValue(Sandbox) != SandboxKind.None;
        foreach (var option in (Option[])[Network, Hide])
        {
            if (!isSandboxed && result.GetResult(option) is { Implicit: false })
                result.AddError($"{option.Name} is for jobs in a sandbox; add --sandbox bubblewrap");
        }
        foreach (var option in (Option[])[TlsAuthority, TlsCertificate])
        {
            if (!result.GetValue(Tls) && result.GetResult(option) is { Implicit: false })
                result.AddError($"{option.Name} is for --tls; add that");
        }
    }

    private static async Task<int> RunAsync(ParseResult parsed, bool asOriginal, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (parsed.GetValue(UntilStandardInputCloses))
            _ = StopWhenInputEndsAsync(stop);
        var options = OptionsFrom(parsed) with { ReportsSignalsAsShells = asOriginal };
        using var loggers = Logging.Create(parsed);
        try
        {
            await new Worker.Worker(options, TimeProvider.System, loggers.CreateLogger("worker")).RunAsync(stop.Token);
            return ExitCode.Success;
        }
        catch (ProtocolException error)
        {
            throw new CommandException(error.Message);
        }
        catch (OperationCanceledException) when (options.Loop)
        {
            return ExitCode.Success;
        }
    }

    private static WorkerOptions OptionsFrom(ParseResult parsed) => new()
    {
        Platform = parsed.GetRequiredValue(PlatformArgument),
        Remote = parsed.GetRequiredValue(Remote),
        Loop = parsed.GetValue(Loop),
        TimeLimit = parsed.GetResult(Timeout) is null ? null : parsed.GetValue(Timeout),
        Grace = parsed.GetValue(Grace),
        WorkDirectory = Path.GetFullPath(parsed.GetRequiredValue(WorkDirectory)),
        Environment = parsed.GetRequiredValue(Env),
        OwnsProcess = true,
        Link = new LinkOptions
        {
            Extended = parsed.GetValue(Extended),
            Name = parsed.GetRequiredValue(Name),
            Key = parsed.GetValue(KeyFile) is { } key ? ReadKey(key.FullName) : ByteString.Empty,
            UseTls = parsed.GetValue(Tls),
            Authority = parsed.GetValue(TlsAuthority) is { } authority ? ReadCertificate(() => X509CertificateLoader.LoadCertificateFromFile(authority.FullName), authority) : null,
            Certificate = parsed.GetValue(TlsCertificate) is { } own ? ReadCertificate(() => X509Certificate2.CreateFromPemFile(own.FullName), own) : null,
            Insecure = parsed.GetValue(Insecure),
        },
        Isolation = new IsolationOptions
        {
            Sandbox = parsed.GetValue(Sandbox),
            Network = parsed.GetValue(Network),
            Hidden =
            [
                .. parsed.GetRequiredValue(Hide),
                .. new[] { parsed.GetValue(KeyFile), parsed.GetValue(TlsCertificate) }.OfType<FileInfo>().Select(file => file.FullName),
            ],
            Limits = new ResourceLimits(parsed.GetValue(Memory), parsed.GetValue(Cpus), parsed.GetValue(Pids)),
        },
    };

    private static ByteString ReadKey(string file)
    {
        const int LongestKey = 4096;
        var key = File.ReadAllBytes(file).AsMemory();
        while (key.Length > 0 && key.Span[^1] is (byte)'\n' or (byte)'\r' or (byte)' ')
            key = key[..^1];
        return key.Length is > 0 and <= LongestKey
            ? new ByteString(key)
            : throw new CommandException($"{file} does not hold a key: it has {key.Length} bytes");
    }

    private static X509Certificate2 ReadCertificate(Func<X509Certificate2> read, FileInfo file)
    {
        try
        {
            return read();
        }
        catch (CryptographicException error)
        {
            throw new CommandException($"{file.FullName} is not a certificate in PEM form: {error.Message}");
        }
    }

    private static async Task StopWhenInputEndsAsync(CancellationTokenSource stop)
    {
        var input = Console.OpenStandardInput();
        var ignored = new byte[256];
        while (await input.ReadAsync(ignored) > 0)
        {
        }
        try
        {
            await stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The worker has ended by itself.
        }
    }

    private static Option<TimeSpan> Duration(string name, string description, TimeSpan? otherwise) => new(name)
    {
        Description = description + " Such as 90s, 30m, 2h.",
        HelpName = "TIME",
        DefaultValueFactory = otherwise is { } value ? _ => value : null,
        CustomParser = result =>
        {
            if (DurationText.TryParse(result.Tokens[0].Value, out var duration))
                return duration;
            result.AddError($"{name}: \"{result.Tokens[0].Value}\" is not a time such as 90s, 30m or 2h");
            return default;
        },
    };
}
