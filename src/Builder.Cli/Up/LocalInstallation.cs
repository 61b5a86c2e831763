using System.Net;
using System.Security.Cryptography;
using Builder.Cli.Errors;
using Builder.Cli.Logging;
using Builder.Protocol.Values;
using Builder.Publishing.Files;
using Builder.Publishing.Options;
using Builder.Publishing.Repositories;
using Builder.Server;
using Builder.Server.Options;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Storage.Migrations;
using Builder.Storage.Troubles;
using Builder.Web;
using Builder.Web.Options;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Up;

/// <summary>Starts the roles in the order in which they need each other, and ends them in the other.</summary>
internal sealed class LocalInstallation(UpOptions options, TimeProvider clock, ILoggerFactory loggers)
{
    private const string UploadUser = "builder-up";

    /// <summary>Whoever starts it is its first administrator.</summary>
    private const string Admin = "admin";

    /// <summary>In statements: the port may be another one tomorrow, and nobody else reaches this address.</summary>
    private const string Site = "http://localhost";

    /// <summary>How long requests under way may take when everything ends.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly ILogger logger = loggers.CreateLogger("up");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var directory = UpDirectory.Open(options.Directory);
        using var end = new TerminationSignals(cancellationToken);
        try
        {
            var protection = options.Workers == 0 ? null : await UpProtection.FindAsync(options, directory.Root, end.Token);
            await PrepareAsync(directory, end.Token);
            var key = RandomNumberGenerator.GetHexString(64, lowercase: true);
            await using var web = await StartWebAsync(directory, end.Token);
            await using var server = await StartServerAsync(directory, web, protection, key, end.Token);
            directory.SayWho(web.Address.ToString());
            await GreetAsync(directory, web, server, protection, end.Token);
            await WorkAsync(directory, server, protection, key, end.Token);
            using var grace = new CancellationTokenSource(Grace, clock);
            await web.StopAsync(grace.Token);
        }
        catch (OperationCanceledException) when (end.Token.IsCancellationRequested)
        {
            // Asked to end while starting: nothing is left half-done.
        }
        catch (Exception exception)
            when (exception is SchemaException or WebOptionsException or InvalidDataException or RepositoryException or IOException)
        {
            throw new CommandException(exception.Message);
        }
    }

    /// <summary>The database at this program's version, and the upload user with the password that the server knows.</summary>
    private async Task PrepareAsync(UpDirectory directory, CancellationToken cancellationToken)
    {
        var settings = new DatabaseSettings(directory.Web, ConnectionString: null);
        await new Migrator(settings, new LoggedProgress(logger)).MigrateAsync(cancellationToken);
        await using var database = await BuilderDatabase.OpenAsync(settings, cancellationToken);
        var users = new UserAdministration(database);
        var password = directory.UploadPassword();
        if (options.Publish is { } gate)
            await PrepareRepositoryAsync(directory, gate, cancellationToken);
        if (!await users.AddAsync(UploadUser, password, isRestricted: false, ScryptParameters.Default, cancellationToken))
            await users.UpdateAsync(UploadUser, password, isRestricted: false, ScryptParameters.Default, cancellationToken);
        await users.AddWithoutPasswordAsync(Admin, isRestricted: false, AccountRole.Admin, cancellationToken);
    }

    /// <summary>
    /// A link for a person at a terminal. What goes into a file or a service's log would let in whoever reads that, so it gets the command for a link instead.
    /// </summary>
    private async Task<string> SignInAsync(UpDirectory directory, BuilderWeb web, CancellationToken cancellationToken)
    {
        var site = new UriBuilder("http", UploadHost(web), web.Port).Uri;
        if (Console.IsOutputRedirected || !IPAddress.TryParse(site.Host.Trim('[', ']'), out var address) || !IPAddress.IsLoopback(address))
            return $"builder db sign-in-link {Admin} --datadir {directory.Web} --site {site.GetLeftPart(UriPartial.Authority)}";
        await using var database = await BuilderDatabase.OpenAsync(
            new DatabaseSettings(directory.Web, ConnectionString: null),
            cancellationToken
        );
        try
        {
            var secret = await new SignInLinks(database, clock).MakeAsync(Admin, cancellationToken);
            return $"{new Uri(site, SignInLinkAddress.Of(secret))} (once, within {SignInLinks.Lifetime.TotalMinutes:0} minutes)";
        }
        catch (UserNotFoundException)
        {
            return $"the account {Admin} is disabled: builder db user-update {Admin} --datadir {directory.Web}";
        }
    }

    /// <summary>The repository for what this machine builds, with a key of its own, where there is none yet.</summary>
    private async Task PrepareRepositoryAsync(UpDirectory directory, PublishGate gate, CancellationToken cancellationToken)
    {
        var kind = LocalPlatform.Detect().Value.StartsWith("freebsd", StringComparison.Ordinal)
            ? RepositoryKind.FreeBsd
            : RepositoryKind.Debian;
        if (RepositorySettings.Load(directory.Configuration, directory.Web, kind) is not null)
            return;
        var settings = RepositorySettings.Default(directory.Configuration, directory.Web, kind) with { Gate = gate };
        await RepositorySetup.InitializeAsync(settings, import: null, algorithm: "rsa4096", expires: "0", cancellationToken);
        logger.SetUp(kind == RepositoryKind.Debian ? "apt" : "pkg", settings.Folder);
    }

    private async Task<BuilderWeb> StartWebAsync(UpDirectory directory, CancellationToken cancellationToken)
    {
        var web = await BuilderWeb.CreateAsync(
            new WebOptions
            {
                Host = options.Host,
                Port = options.Port ?? UpCommand.StandardPort,
                TakesNextPort = options.Port is null,
                ShowsHealth = true,
                DataDirectory = directory.Web,
                ConfigurationDirectory = directory.Configuration,
                Server = directory.Sockets.ClientAddress.ToString(),
                Signer = directory.Sockets.Signer,
                Publish = options.Publish,
                Clock = clock,
            },
            log => log.AddProvider(new LoggerFactoryProvider(loggers)),
            cancellationToken
        );
        try
        {
            await web.StartAsync(cancellationToken);
            return web;
        }
        catch
        {
            await web.DisposeAsync();
            throw;
        }
    }

    private async Task<BuilderServer> StartServerAsync(
        UpDirectory directory,
        BuilderWeb web,
        UpProtection? protection,
        string key,
        CancellationToken cancellationToken
    )
    {
        var upload = new UriBuilder("http", UploadHost(web), web.Port, "/upload");
        var server = new BuilderServer(
            new ServerOptions
            {
                Port = options.ServerPort,
                PortOption = "--server-port",
                Socket = directory.Sockets.Client,
                WorkerSocket = directory.Sockets.Worker,
                WorkerSecret = ByteString.FromUtf8(key),
                Hold = protection?.Hold,
                Directory = directory.Server,
                ConfigurationDirectory = directory.Configuration,
                Upload = upload.Uri,
                UploadCredentials = new UploadCredentials(UploadUser, directory.UploadPassword()),
                // Workers end with the server.
                ResumeTimeout = TimeSpan.Zero,
            },
            clock,
            loggers
        );
        try
        {
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A site on all addresses is reached by loopback, one on a certain address by that alone.</summary>
    private static string UploadHost(BuilderWeb web) =>
        web.Address.Host switch
        {
            "0.0.0.0" => IPAddress.Loopback.ToString(),
            "[::]" => $"[{IPAddress.IPv6Loopback}]",
            var host => host,
        };

    private async Task GreetAsync(
        UpDirectory directory,
        BuilderWeb web,
        BuilderServer server,
        UpProtection? protection,
        CancellationToken cancellationToken
    )
    {
        if (protection?.Hold is { } hold)
            logger.Held(hold.Reason);
        else if (protection?.Tier.IsSandboxed == false)
            logger.Unprotected(Environment.UserName);
        if (options.ServerPort is not null)
            logger.OpenPort(server.Port);
        // Clients find the default one by themselves.
        var remote = directory.Root == Path.GetFullPath(UpDirectory.Default) ? "" : $" -r {directory.Sockets.ClientAddress}";
        await Console.Out.WriteLineAsync(
            $"""

              Open        {web.Address}
              Sign in     {await SignInAsync(directory, web, cancellationToken)}
              Workers     {options.Workers} for {LocalPlatform.Detect()}
              Protection  {protection?.Summary ?? "no job runs here"}
              Send        builder client schedule NAME {LocalPlatform.Detect()} SCRIPT.sh{remote}
              Socket      {directory.Sockets.Client} (for you alone)
              Data        {directory.Root}

            Ctrl-C ends all of it; started again it goes on where it was.

            """
        );
    }

    /// <summary>
    /// Workers run until asked to end. The server ends before they do: what runs then is queued again as it was, and not as lost by its worker.
    /// </summary>
    private async Task WorkAsync(UpDirectory directory, BuilderServer server, UpProtection? protection, string key, CancellationToken end)
    {
        var platform = LocalPlatform.Detect();
        using var endWorkers = new CancellationTokenSource();
        var signer = new LocalSigner(directory, Site, clock, logger).RunAsync(endWorkers.Token);
        var workers = protection is null
            ? Task.CompletedTask
            : new LocalWorkers(platform, options.Workers, directory, protection, key, options.Collector, clock, logger).RunAsync(
                endWorkers.Token
            );
        try
        {
            if (options.WithSamples)
            {
                await using var database = await BuilderDatabase.OpenAsync(
                    new DatabaseSettings(directory.Web, ConnectionString: null),
                    end
                );
                await new Samples(directory.Sockets.ClientAddress, platform, database, clock, logger).RunAsync(end);
            }
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            logger.Ending();
        }
        finally
        {
            await server.StopAsync();
            await endWorkers.CancelAsync();
            await workers;
            await signer;
        }
    }
}
