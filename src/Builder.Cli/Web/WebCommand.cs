using System.CommandLine;
using System.Net;
using Builder.Cli.Advisories;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Files;
using Builder.Cli.Hooks;
using Builder.Cli.Logging;
using Builder.Cli.Parsing;
using Builder.Cli.Secrets;
using Builder.Cli.Tracing;
using Builder.Protocol.Values;
using Builder.Publishing.Options;
using Builder.Server.Operations;
using Builder.Storage.Troubles;
using Builder.Web;
using Builder.Web.Options;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Web;

/// <summary><c>builder web</c>, also <c>builder-web</c>: takes uploads in, shows and serves builds.</summary>
internal static class WebCommand
{
    /// <summary>To a question of this process to itself, whether it is well.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>For the last traces, where their collector does not answer.</summary>
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(2);

    /// <summary>Longer than a request waits for a lock: a writer must not be ended while others may still wait for it.</summary>
    private const int MinLeaseSeconds = 5;

    private const int MaxLeaseSeconds = 3600;

    public static Command Create()
    {
        var data = new DataOptions();
        var host = new Option<string>("--host", "-H")
        {
            Description = "Address to listen on.",
            DefaultValueFactory = _ => "127.0.0.1",
            HelpName = "ADDRESS",
        };
        var port = new Option<int>("--port", "-p")
        {
            Description = "Port to listen on; 0 takes any free one.",
            DefaultValueFactory = _ => 3000,
            HelpName = "PORT",
        };
        port.Between(0, Values.MaxPort);
        var configuration = new Option<string>("--configdir", "-c")
        {
            Description = "Configuration directory: intro.md, hooks, package repositories.",
            DefaultValueFactory = _ => OperatingSystem.IsFreeBSD() ? "/usr/local/etc/builder-web" : "/etc/builder-web",
            HelpName = "DIR",
        };
        var expired = new Option<int>("--expired-jobs")
        {
            Description = "The front page shows builds that finished within so many days; 0 shows all.",
            DefaultValueFactory = _ => 30,
            HelpName = "DAYS",
        };
        expired.Between(0, 365_000);
        var server = new Option<string?>("--server")
        {
            Description =
                "A build server to ask what runs and waits, such as localhost:1234; several that share a state with commas between.",
            HelpName = "HOST:PORT",
        };
        var serverKey = new Option<FileInfo?>("--server-key-file")
        {
            Description =
                "File with a key of the build server (builder admin-key add site --may run,cancel,reschedule,platforms,workers); operators act with it.",
            HelpName = "FILE",
        };
        var serverTls = new Option<bool>("--server-tls") { Description = "Talk TLS to the build server and check its certificate." };
        var serverAuthority = new Option<FileInfo?>("--server-tls-ca")
        {
            Description = "The only authority whose certificates are taken from the build server (PEM).",
            HelpName = "FILE",
        };
        var openId = new OpenIdCommandOptions();
        var signer = new Option<string?>("--signer")
        {
            Description = "Socket of \"builder signer\", which signs statements about builds; without it none are made.",
            HelpName = "PATH",
        };
        var title = new Option<string>("--title")
        {
            Description = "The site's name.",
            DefaultValueFactory = _ => "builder",
            HelpName = "TEXT",
        };
        var contact = new Option<string?>("--contact") { Description = "Whom to ask, at the foot of each page.", HelpName = "TEXT" };
        var publish = new Option<string?>("--publish")
        {
            Description = "When packages go out: when=built or when=reproduced; as the repositories' settings say where not given.",
            HelpName = "when=WHEN",
        };
        publish.Validators.Add(result =>
        {
            if (!RepositorySettings.TryParseGate(result.GetValueOrDefault<string>() ?? "", out _))
                result.AddError("--publish takes when=built or when=reproduced.");
        });
        var metrics = new Option<int?>("--metrics")
        {
            Description = "Serve /metrics and /health over HTTP on this port.",
            HelpName = "PORT",
        };
        metrics.Between(0, Values.MaxPort);
        var maxUpload = new Option<long>("--max-upload")
        {
            Description = "The largest upload, in bytes or such as 512M, 4G; default 4G. Build servers ask for it at /upload/limit.",
            DefaultValueFactory = _ => 4L << 30,
            HelpName = "SIZE",
            CustomParser = result =>
            {
                if (ByteSize.TryParse(result.Tokens[0].Value, out var bytes))
                    return bytes;
                result.AddError($"--max-upload takes a size such as 512M or 4G, not \"{result.Tokens[0].Value}\"");
                return 0;
            },
        };
        var publicUrl = new Option<Uri?>("--public-url")
        {
            Description = "How visitors reach the site, such as https://builds.example.org; default: as each request says.",
            HelpName = "URL",
            CustomParser = Values.HttpUrl,
        };
        var proxies = new Option<TrustedProxies>("--trusted-proxy")
        {
            Description =
                "Believe this proxy's Forwarded or X-Forwarded-* headers: an address or a network such as 10.0.0.0/8; may be repeated. Default: nobody's.",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => TrustedProxies.None,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
            {
                var networks = new List<IPNetwork>();
                foreach (var token in result.Tokens)
                {
                    if (TrustedProxies.TryParse(token.Value, out var network, out var reason))
                        networks.Add(network);
                    else
                        result.AddError($"--trusted-proxy: {reason}");
                }
                return new TrustedProxies(networks);
            },
        };
        var scrub = new Option<long>("--scrub-rate")
        {
            Description = "How fast the check of all stored files in the background reads, in bytes a second; default 8M, 0 for none.",
            DefaultValueFactory = _ => new WebOptions { DataDirectory = "" }.ScrubBytesPerSecond,
            HelpName = "BYTES",
            CustomParser = static result =>
            {
                if (result.Tokens[0].Value == "0")
                    return 0;
                if (ByteSize.TryParse(result.Tokens[0].Value, out var bytes))
                    return bytes;
                result.AddError($"--scrub-rate takes a size such as 512K or 8M, or 0, not \"{result.Tokens[0].Value}\"");
                return 0;
            },
        };
        var textIndex = TextIndexOption.Create();
        var lease = new Option<int>("--lease-time")
        {
            Description =
                "With PostgreSQL: other processes take over the background work of one that they have not heard of for so many seconds; the same for all of them.",
            DefaultValueFactory = _ =>
                (int)
                    new WebOptions { DataDirectory = "" }
                        .LeaseTime
                        .TotalSeconds,
            HelpName = "SECONDS",
        };
        lease.Between(MinLeaseSeconds, MaxLeaseSeconds);
        var advisories = new Option<Uri[]>("--advisories")
        {
            Description =
                "Import advisories from this https address at the start and every 6 h: a zip archive or a file; may be repeated. Default: none.",
            HelpName = "URL",
            DefaultValueFactory = static _ => [],
            Arity = ArgumentArity.OneOrMore,
            CustomParser = static result =>
            {
                var addresses = new List<Uri>();
                foreach (var token in result.Tokens)
                {
                    if (AdvisoryAddress.Parse(token.Value) is { } address)
                        addresses.Add(address);
                    else
                        result.AddError($"--advisories takes an address such as https://example.org/all.zip, not \"{token.Value}\"");
                }
                return [.. addresses];
            },
        };
        var advisoryNetworks = AllowPrivateOption.Create("--advisories-allow-private");
        var redirects = new Option<bool>("--redirect-downloads")
        {
            Description = "With --artifacts: answer downloads with a redirect to the bucket, which must be reachable for visitors.",
        };
        var logDirectory = new Option<string?>("--log-dir")
        {
            Description = "Where the signer keeps the transparency log's public files. Default: _tlog in the data directory.",
            HelpName = "DIR",
        };
        var traceUrl = new Option<TraceLink?>("--trace-url")
        {
            Description =
                $"Build pages link to their traces: the address of a trace, such as https://jaeger.example.org/trace/{TraceLink.Place}.",
            HelpName = "TEMPLATE",
            CustomParser = static result =>
            {
                if (TraceLink.TryParse(result.Tokens[0].Value, out var link, out var reason))
                    return link;
                result.AddError($"--trace-url: {reason}");
                return null;
            },
        };
        var traces = new TraceOption();
        var logging = new LogOptions();
        var command = new Command("web", "Take builds in by upload, show and serve them.")
        {
            host,
            port,
            configuration,
            expired,
            server,
            serverKey,
            serverTls,
            serverAuthority,
            signer,
            title,
            contact,
            publish,
            metrics,
            maxUpload,
            publicUrl,
            proxies,
            scrub,
            textIndex,
            lease,
            advisories,
            advisoryNetworks,
            redirects,
            logDirectory,
            traceUrl,
        };
        traces.AddTo(command);
        openId.AddTo(command);
        data.AddTo(command);
        logging.AddTo(command);
        command.Add(HooksCommand.Create());
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                UploadPassword.ForgetVariable();
                var settings = data.Settings(parsed);
                using var loggers = logging.Create(parsed);
                using var export = traces.Start(parsed, "builder-web", TimeToEnd, loggers.CreateLogger("traces"));
                return await RunAsync(
                    new WebOptions
                    {
                        Host = parsed.GetRequiredValue(host),
                        Port = parsed.GetValue(port),
                        DataDirectory = settings.DataDirectory,
                        ConnectionString = settings.ConnectionString,
                        Objects = settings.Objects,
                        RedirectsDownloads = parsed.GetValue(redirects),
                        ConfigurationDirectory = parsed.GetRequiredValue(configuration),
                        ExpiredJobsDays = parsed.GetValue(expired),
                        Server = parsed.GetValue(server),
                        ServerKey = parsed.GetValue(serverKey) is { } key
                            ? SecretFile.ReadKey("--server-key-file", key.FullName)
                            : ByteString.Empty,
                        ServerAuthority = parsed.GetValue(serverAuthority) is { } authority ? CertificateFile.Authorities(authority) : null,
                        OpenId = openId.Read(parsed),
                        UsesServerTls = parsed.GetValue(serverTls) || parsed.GetValue(serverAuthority) is not null,
                        Signer = parsed.GetValue(signer),
                        Publish = parsed.GetValue(publish) is { } when && RepositorySettings.TryParseGate(when, out var gate) ? gate : null,
                        Title = parsed.GetRequiredValue(title),
                        Contact = parsed.GetValue(contact),
                        MetricsPort = parsed.GetValue(metrics),
                        LargestUpload = parsed.GetValue(maxUpload),
                        PublicUrl = parsed.GetValue(publicUrl),
                        TrustedProxies = parsed.GetRequiredValue(proxies),
                        ScrubBytesPerSecond = parsed.GetValue(scrub),
                        AdvisorySources = parsed.GetRequiredValue(advisories),
                        AdvisoryNetworks = parsed.GetRequiredValue(advisoryNetworks),
                        TextIndexSize = parsed.GetValue(textIndex),
                        LeaseTime = TimeSpan.FromSeconds(parsed.GetValue(lease)),
                        LogDirectory = parsed.GetValue(logDirectory),
                        Traces = parsed.GetValue(traceUrl),
                    },
                    loggers,
                    cancellationToken
                );
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(WebOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            await using var web = await BuilderWeb.CreateAsync(
                options,
                log => log.AddProvider(new LoggerFactoryProvider(loggers)),
                cancellationToken
            );
            await web.StartAsync(cancellationToken);
            await Console.Error.WriteLineAsync($"builder: listening on {web.Address}");
            if (web.OperationsAddress is { } operations)
                await Console.Error.WriteLineAsync($"builder: metrics and health on {operations}");
            await ServeAsync(web, ServiceManager.FromEnvironment(Environment.GetEnvironmentVariable), cancellationToken);
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is SchemaException or WebOptionsException)
        {
            throw new CommandException(exception.Message);
        }
    }

    private static async Task ServeAsync(BuilderWeb web, ServiceManager manager, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = web.Address, Timeout = AnswerTimeout };
        manager.Ready();
        await using var stopping = web.Stopping.Register(manager.Stopping);
        var alive = manager.KeepAliveAsync(cancellationToken => AnswersAsync(client, cancellationToken), TimeProvider.System, web.Stopping);
        await web.WaitForShutdownAsync(cancellationToken);
        await alive;
    }

    /// <summary>Whether a page that needs nothing but the web server itself comes: a database that is away is no reason to start anew.</summary>
    private static async Task<bool> AnswersAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/robots.txt", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception)
            when (exception is HttpRequestException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            return false;
        }
    }
}
