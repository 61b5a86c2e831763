using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Builder.Cli.Errors;
using Builder.Cli.Logging;
using Builder.Cli.Parsing;
using Builder.Cli.Secrets;
using Builder.Cli.Tracing;
using Builder.Protocol.Der;
using Builder.Protocol.Text;
using Builder.Protocol.Values;
using Builder.Worker.Options;
using Builder.Worker.Probing;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Worker;

/// <summary><c>builder worker PLATFORM</c>.</summary>
internal static class WorkerCommand
{
    private static readonly Argument<Platform> PlatformArgument = new("PLATFORM")
    {
        Description = "What this machine builds for, such as debian-12.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = static result => ArgumentValues.Platform(result, result.Tokens[0].Value),
    };

    private static readonly Option<RemoteAddresses> Remote = new("--remote", "-r")
    {
        Description = "Where the server listens: HOST:PORT, [IPV6]:PORT or unix:PATH; several that share a state with commas between.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => RemoteAddress.Default,
        CustomParser = result =>
        {
            if (RemoteAddresses.TryParse(result.Tokens[0].Value, out var address, out var reason))
                return address;
            result.AddError(reason);
            return null;
        },
    };

    private static readonly Option<bool> Loop = new("--loop")
    {
        Description = "Go on with the next job when one is done, and wait for a server that is away.",
    };

    private static readonly Option<TimeSpan> IdleTimeout = Duration(
        "--idle-timeout",
        "End with status 0 when no job came for so long. Default: never.",
        null
    );

    private static readonly Option<TimeSpan> DrainTimeout = Duration(
        "--drain-timeout",
        "On TERM or Ctrl-C finish the running job, for so long at most, and take no other; a second signal ends it. Default: end it at once.",
        null
    );

    private static readonly Option<TimeSpan> Timeout = Duration(
        "--timeout",
        "Time limit of a job. Default: the server's limit with --extended, else one hour.",
        null
    );

    private static readonly Option<TimeSpan> Grace = Duration(
        "--grace",
        "From asking a job to end until it is killed.",
        TimeSpan.FromSeconds(5)
    );

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
        Description =
            "none: jobs are the worker's own user. bubblewrap: read-only programs and libraries, own /tmp, processes and user. Without it: none, with a warning.",
        HelpName = "none|bubblewrap",
    };

    private static readonly Option<SandboxNetwork> Network = new("--network")
    {
        Description =
            "The network of a job in a sandbox. outbound: public IPv4 addresses, not this machine and its network (needs slirp4netns).",
        HelpName = "none|outbound|host",
    };

    private static readonly Option<string[]> Allow = new("--allow")
    {
        Description =
            "With --network outbound: a host that jobs reach although its address is not public, such as a cache. May be repeated.",
        HelpName = "HOST",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string[]> Show = new("--show")
    {
        Description =
            "A file or directory that jobs in a sandbox see, read-only, beyond programs and libraries, such as /opt. May be repeated.",
        HelpName = "PATH",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> Root = new("--root")
    {
        Description =
            "A directory tree that jobs in a sandbox see as their root directory, in place of this machine's programs (builder root make).",
        HelpName = "TREE",
    };

    private static readonly Option<string[]> Hide = new("--hide")
    {
        Description = "A file or directory that jobs in a sandbox must not see. May be repeated.",
        HelpName = "PATH",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<long?> Memory = Size(
        "--memory",
        "Limit of a job's memory, such as 512M or 4G, by control groups. Default: 90 % of the machine's, watched."
    );

    private static readonly Option<long?> MaxDisk = Size("--max-disk", "Limit of what a job has on disk at one time. Default: 50G.");

    private static readonly Option<long?> MaxConsole = Size("--max-console", "Limit of what a job prints. Default: 256M.");

    private static readonly Option<long?> MaxArtifactBytes = Size(
        "--max-artifact-bytes",
        "Limit of all artifacts of a job together. Default: 10G."
    );

    private static readonly Option<long?> MaxArtifacts = new("--max-artifacts")
    {
        Description = "How many artifacts a job may leave. Default: 20000.",
        HelpName = "NUMBER",
    };

    private static readonly Option<bool> Check = new("--check")
    {
        Description =
            "Print which isolation jobs get here and why, and what repetitions can vary, and exit: 0 sandbox, 4 sandbox with the container's /proc, 5 none.",
    };

    private static readonly Option<double?> Cpus = new Option<double?>("--cpus")
    {
        Description = "How many processors' time a job may take, such as 1.5 (by control groups).",
        HelpName = "NUMBER",
    }.Between(0.01, 10_000);

    private static readonly Option<long?> Pids = new Option<long?>("--pids")
    {
        Description = "How many processes and threads a job may have, by control groups. Default: 4096, watched.",
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

    private static readonly Option<bool> Insecure = new("--insecure") { Description = "Send the key to another machine even without TLS." };

    private static readonly Option<bool> UntilStandardInputCloses = new("--until-stdin-closes")
    {
        Description = "End when standard input ends: no worker outlives the program that started it.",
        Hidden = true,
    };

    private static readonly Option<bool> KeyFromInput = new("--key-from-stdin")
    {
        Description = "The first line of standard input is the key: no other program sees it.",
        Hidden = true,
    };

    private static readonly TraceOption Traces = new();

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
            or goes on with --loop. In orchestration, one job per container:
              builder worker debian-12 -r server:1234 --extended --drain-timeout 1h --idle-timeout 5m
            """
        )
        {
            PlatformArgument,
            Remote,
            Loop,
            IdleTimeout,
            DrainTimeout,
            Timeout,
            Grace,
            WorkDirectory,
            Env,
            Sandbox,
            Network,
            Allow,
            Show,
            Hide,
            Root,
            Check,
            Memory,
            Cpus,
            Pids,
            MaxDisk,
            MaxConsole,
            MaxArtifacts,
            MaxArtifactBytes,
            Extended,
            Name,
            KeyFile,
            Tls,
            TlsAuthority,
            TlsCertificate,
            Insecure,
            UntilStandardInputCloses,
            KeyFromInput,
        };
        Traces.AddTo(command);
        Logging.AddTo(command);
        command.Validators.Add(Validate);
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, asOriginal, cancellationToken));
        return command;
    }

    private static void Validate(CommandResult result)
    {
        var isCheck = result.GetValue(Check);
        if (!isCheck && result.GetResult(PlatformArgument) is null or { Tokens.Count: 0 })
            result.AddError("the platform is missing: what does this machine build for? such as: builder worker debian-12");
        var isSandboxed = isCheck || result.GetValue(Sandbox) != SandboxKind.None;
        if (result.GetResult(Allow) is { Implicit: false } && result.GetValue(Network) != SandboxNetwork.Outbound)
            result.AddError("--allow is for --network outbound; add that");
        if (result.GetValue(MaxArtifacts) is < 0 and var artifacts)
            result.AddError($"--max-artifacts is a number from 0, not {artifacts}");
        foreach (var option in (Option[])[Network, Hide, Show, Root])
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

    /// <summary>The command handles signals itself: whoever calls it must not end the program some time after one.</summary>
    public static bool DrainsOnSignals(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Contains(DrainTimeout) && parsed.GetResult(DrainTimeout) is { Implicit: false };

    private static async Task<int> RunAsync(ParseResult parsed, bool asOriginal, CancellationToken cancellationToken)
    {
        UploadPassword.ForgetVariable();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var key = parsed.GetValue(KeyFromInput) ? await ReadKeyAsync(Console.OpenStandardInput(), cancellationToken) : ByteString.Empty;
        if (parsed.GetValue(UntilStandardInputCloses))
            _ = StopWhenInputEndsAsync(stop);
        var options = OptionsFrom(parsed) with { ReportsSignalsAsShells = asOriginal };
        if (!key.IsEmpty)
            options = options with { Link = options.Link with { Key = key } };
        if (parsed.GetValue(Check))
            return await CheckAsync(parsed, options, cancellationToken);
        using var loggers = Logging.Create(parsed);
        // Without --loop the service manager starts the next one only when this one has ended.
        using var export = Traces.Start(parsed, "builder-worker", TimeSpan.FromSeconds(1), loggers.CreateLogger("traces"));
        using var signals = DrainsOnSignals(parsed) ? new DrainSignals(parsed.GetValue(DrainTimeout), stop) : null;
        try
        {
            await new Builder.Worker.BuilderWorker(options, TimeProvider.System, loggers.CreateLogger("worker")).RunAsync(
                stop.Token,
                signals?.Drain ?? CancellationToken.None
            );
            return ExitCode.Success;
        }
        catch (ProtocolException exception)
        {
            throw new CommandException(exception.Message);
        }
        catch (OperationCanceledException) when (options.Loop)
        {
            return ExitCode.Success;
        }
    }

    /// <summary>What jobs would get; without --sandbox what they could get.</summary>
    private static async Task<int> CheckAsync(ParseResult parsed, WorkerOptions options, CancellationToken cancellationToken)
    {
        const int SharedProc = 4;
        const int NoIsolation = 5;
        var isolation = parsed.GetResult(Sandbox) is { Implicit: false }
            ? options.Isolation
            : options.Isolation with
            {
                Sandbox = SandboxKind.Bubblewrap,
            };
        var tier = await IsolationProbe.RunAsync(isolation, options.SupervisorCommand, options.WorkDirectory, cancellationToken);
        Console.Out.WriteLine($"{tier.Name}: {tier.Reason}");
        if (tier.Root is { } root)
            Console.Out.WriteLine($"root of jobs: {root}");
        var variations = await VariationProbe.RunAsync(isolation, options.SupervisorCommand, options.WorkDirectory, cancellationToken);
        Console.Out.WriteLine($"can vary: {string.Join(", ", VariationNames.Of(variations.Made))}");
        foreach (var missing in variations.Missing)
            Console.Out.WriteLine($"cannot vary {missing.Name}: {missing.Text}");
        return tier.Kind switch
        {
            IsolationKind.Sandbox => ExitCode.Success,
            IsolationKind.SandboxSharedProc => SharedProc,
            _ => NoIsolation,
        };
    }

    private static JobLimits LimitsFrom(ParseResult parsed)
    {
        var usual = DefaultLimits.OfThisMachine();
        return usual with
        {
            MaxProcesses = parsed.GetValue(Pids) ?? usual.MaxProcesses,
            MaxMemoryBytes = parsed.GetValue(Memory) ?? usual.MaxMemoryBytes,
            MaxDiskBytes = parsed.GetValue(MaxDisk) ?? usual.MaxDiskBytes,
            MaxConsoleBytes = parsed.GetValue(MaxConsole) ?? usual.MaxConsoleBytes,
            MaxArtifacts = parsed.GetValue(MaxArtifacts) ?? usual.MaxArtifacts,
            MaxArtifactBytes = parsed.GetValue(MaxArtifactBytes) ?? usual.MaxArtifactBytes,
        };
    }

    private static WorkerOptions OptionsFrom(ParseResult parsed) =>
        new()
        {
            Platform = parsed.GetResult(PlatformArgument) is { Tokens.Count: > 0 } ? parsed.GetRequiredValue(PlatformArgument) : default!,
            Limits = LimitsFrom(parsed),
            Remote = parsed.GetRequiredValue(Remote),
            Loop = parsed.GetValue(Loop),
            IdleTimeout = parsed.GetResult(IdleTimeout) is null ? null : parsed.GetValue(IdleTimeout),
            TimeLimit = parsed.GetResult(Timeout) is null ? null : parsed.GetValue(Timeout),
            Grace = parsed.GetValue(Grace),
            WorkDirectory = Path.GetFullPath(parsed.GetRequiredValue(WorkDirectory)),
            Environment = parsed.GetRequiredValue(Env),
            OwnsProcess = true,
            Link = new LinkOptions
            {
                Extended = parsed.GetValue(Extended),
                Name = parsed.GetRequiredValue(Name),
                Key = parsed.GetValue(KeyFile) is { } key ? SecretFile.ReadKey(KeyFile.Name, key.FullName) : ByteString.Empty,
                UseTls = parsed.GetValue(Tls),
                Authority = parsed.GetValue(TlsAuthority) is { } authority
                    ? ReadCertificate(() => X509CertificateLoader.LoadCertificateFromFile(authority.FullName), authority)
                    : null,
                Certificate = parsed.GetValue(TlsCertificate) is { } own
                    ? ReadCertificate(() => X509Certificate2.CreateFromPemFile(own.FullName), own)
                    : null,
                Insecure = parsed.GetValue(Insecure),
            },
            Isolation = new IsolationOptions
            {
                Sandbox = parsed.GetValue(Sandbox),
                Network = parsed.GetValue(Network),
                AllowedHosts = parsed.GetRequiredValue(Allow),
                Root = parsed.GetValue(Root),
                Shown = parsed.GetRequiredValue(Show),
                Hidden =
                [
                    .. parsed.GetRequiredValue(Hide),
                    .. new[] { parsed.GetValue(KeyFile), parsed.GetValue(TlsCertificate) }.OfType<FileInfo>().Select(file => file.FullName),
                    .. parsed.GetRequiredValue(Remote).All.Select(address => address.Path).OfType<string>(),
                ],
                Limits = new ResourceLimits(parsed.GetValue(Memory), parsed.GetValue(Cpus), parsed.GetValue(Pids)),
            },
        };

    /// <summary>Byte by byte: what follows the line is not read.</summary>
    private static async Task<ByteString> ReadKeyAsync(Stream input, CancellationToken cancellationToken)
    {
        const int MaxKeyLength = 4096;
        var key = new List<byte>();
        var next = new byte[1];
        while (key.Count <= MaxKeyLength && await input.ReadAsync(next, cancellationToken) > 0 && next[0] != (byte)'\n')
            key.Add(next[0]);
        return key.Count is > 0 and <= MaxKeyLength
            ? new ByteString(key.ToArray())
            : throw new CommandException($"the first line of standard input does not hold a key: it has {key.Count} bytes");
    }

    private static X509Certificate2 ReadCertificate(Func<X509Certificate2> read, FileInfo file)
    {
        try
        {
            return read();
        }
        catch (CryptographicException exception)
        {
            throw new CommandException($"{file.FullName} is not a certificate in PEM form: {exception.Message}");
        }
    }

    private static async Task StopWhenInputEndsAsync(CancellationTokenSource stop)
    {
        var input = Console.OpenStandardInput();
        var ignored = new byte[256];
        while (await input.ReadAsync(ignored) > 0) { }
        try
        {
            await stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The worker has ended by itself.
        }
    }

    private static Option<long?> Size(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "BYTES",
            CustomParser = result =>
            {
                if (ByteSize.TryParse(result.Tokens[0].Value, out var bytes))
                    return bytes;
                result.AddError($"{name}: \"{result.Tokens[0].Value}\" is not a size such as 512M or 4G");
                return null;
            },
        };

    private static Option<TimeSpan> Duration(string name, string description, TimeSpan? otherwise) =>
        new(name)
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
