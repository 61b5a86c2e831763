using System.Net;
using System.Net.Sockets;
using Builder.Protocol.Listening;
using Builder.Protocol.Values;
using Builder.Publishing.Advisories;
using Builder.Publishing.Notifications;
using Builder.Publishing.Outgoing;
using Builder.Storage;
using Builder.Storage.Accounts;
using Builder.Storage.Buckets;
using Builder.Storage.Database;
using Builder.Storage.Failures;
using Builder.Storage.Index;
using Builder.Storage.Ingestion;
using Builder.Storage.Leases;
using Builder.Storage.Search;
using Builder.Storage.Troubles;
using Builder.Web.Accounts;
using Builder.Web.Actions;
using Builder.Web.Api;
using Builder.Web.Badges;
using Builder.Web.Builds;
using Builder.Web.Compare;
using Builder.Web.Deltas;
using Builder.Web.Difference;
using Builder.Web.Failures;
using Builder.Web.Feeds;
using Builder.Web.Find;
using Builder.Web.Guide;
using Builder.Web.History;
using Builder.Web.Home;
using Builder.Web.Http;
using Builder.Web.Jobs;
using Builder.Web.Live;
using Builder.Web.Monitoring;
using Builder.Web.Notifications;
using Builder.Web.OpenId;
using Builder.Web.Operations;
using Builder.Web.Options;
using Builder.Web.Pages;
using Builder.Web.Pictures;
using Builder.Web.Processes;
using Builder.Web.Proof;
using Builder.Web.Proxies;
using Builder.Web.Rebuilderd;
using Builder.Web.Rebuilders;
using Builder.Web.Repositories;
using Builder.Web.Sbom;
using Builder.Web.Search;
using Builder.Web.Statements;
using Builder.Web.TransparencyLog;
using Builder.Web.Uploads;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Builder.Web;

/// <summary>The site: opened on a data directory, started on an address, stopped when told. A process may run several.</summary>
public sealed class BuilderWeb : IAsyncDisposable
{
    private const int Backlog = 512;

    private const int MaxNextPorts = 100;

    private readonly WebApplication app;
    private readonly BuilderStorage storage;
    private readonly WebOptions options;

    /// <summary>Those that the web server is to take, in its order.</summary>
    private readonly Queue<Socket> sockets;
    private bool isStarted;

    private BuilderWeb(WebApplication app, BuilderStorage storage, WebOptions options, Queue<Socket> sockets)
    {
        this.options = options;
        this.sockets = sockets;
        this.app = app;
        this.storage = storage;
    }

    /// <summary>Where it listens, once started: with the port that was free where the options asked for any.</summary>
    public Uri Address => Addresses.FirstOrDefault() ?? throw new InvalidOperationException("the site has not been started");

    public int Port => Address.Port;

    /// <summary>Where metrics and health are asked for, once started; null where the options have no port for them.</summary>
    public Uri? OperationsAddress => Addresses.Skip(1).FirstOrDefault();

    /// <summary>Cancelled when the site begins to stop.</summary>
    public CancellationToken Stopping => app.Lifetime.ApplicationStopping;

    private IEnumerable<Uri> Addresses =>
        app.Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()
            ?.Addresses.Select(static address => new Uri(address))
        ?? [];

    internal IServiceProvider Services => app.Services;

    /// <param name="logging">Where the log goes; the console where nothing is said.</param>
    /// <exception cref="SchemaException">No database of this program's version is there; the message says how to fix it.</exception>
    /// <exception cref="WebOptionsException">An option cannot be; the message names it.</exception>
    public static async Task<BuilderWeb> CreateAsync(
        WebOptions options,
        Action<ILoggingBuilder>? logging,
        CancellationToken cancellationToken
    )
    {
        if (options.PublicUrl is { } url)
            SiteOrigin.Require(url);
        if (options.OpenId?.Refusal() is { } refusal)
            throw new WebOptionsException(refusal);
        var sockets = new Queue<Socket>();
        var storage = await BuilderStorage.OpenAsync(options.Database, options.Clock, cancellationToken);
        try
        {
            var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = options.DataDirectory });
            builder.Configuration.Sources.Clear();
            ConfigureLogging(builder.Logging, logging);
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => ConfigureServer(kestrel, options));
            builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = _ => sockets.Dequeue());
            AddServices(builder.Services, options, storage);
            await builder.Services.AddPublishingAsync(options, storage, cancellationToken);
            var app = builder.Build();
            ConfigurePipeline(app, options);
            return new BuilderWeb(app, storage, options, sockets);
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Not cut short: a host whose start is cancelled says of each of its services that it failed. Starting takes milliseconds; whoever is to
    /// end meanwhile ends right after.
    /// </summary>
    /// <exception cref="IOException">The address cannot be listened on; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was to end meanwhile; it has ended.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // In the order of ConfigureServer. Opened here, as the host logs what fails in its start as an error with its stack, and then throws it too.
        foreach (var address in Listened(options.Host))
        {
            sockets.Enqueue(ListenSite(address));
            if (options.MetricsPort is { } metricsPort)
                sockets.Enqueue(ListenSocket.Open(new IPEndPoint(address, metricsPort), Backlog, "--metrics"));
        }
        await app.StartAsync(CancellationToken.None);
        isStarted = true;
        if (!cancellationToken.IsCancellationRequested)
            return;
        await StopAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Why the site cannot do its work at present, or null.</summary>
    public Task<string?> TroubleAsync(CancellationToken cancellationToken) =>
        Health.TroubleAsync(storage, Services.GetRequiredService<SiteTroubles>(), cancellationToken);

    /// <summary>Requests under way are finished first, for as long as the token lets them.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        isStarted = false;
        return app.StopAsync(cancellationToken);
    }

    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // Services that work in the background must have ended before what they work with goes.
        if (isStarted)
            await StopAsync(new CancellationToken(canceled: true));
        while (sockets.TryDequeue(out var socket))
            socket.Dispose();
        await app.DisposeAsync();
        await storage.DisposeAsync();
    }

    private static void ConfigureLogging(ILoggingBuilder log, Action<ILoggingBuilder>? logging)
    {
        log.ClearProviders();
        log.AddFilter("Microsoft", LogLevel.Warning);
        log.AddFilter("System", LogLevel.Warning);
        // Cancelled requests and broken bodies are the clients' business.
        log.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        if (logging is null)
        {
            log.AddSimpleConsole(console => console.SingleLine = true);
            return;
        }
        // Whoever takes the log says how much of it.
        log.SetMinimumLevel(LogLevel.Debug);
        logging(log);
    }

    private static void ConfigureServer(KestrelServerOptions kestrel, WebOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 64 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestLineSize = 8 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
        kestrel.Limits.MaxConcurrentConnections = 4096;
        foreach (var address in Listened(options.Host))
        {
            kestrel.Listen(address, options.Port);
            if (options.MetricsPort is { } metricsPort)
                kestrel.Listen(address, metricsPort, static listen => listen.ForOperations());
        }
    }

    private Socket ListenSite(IPAddress address)
    {
        for (var port = options.Port; ; port++)
        {
            try
            {
                return ListenSocket.Open(new IPEndPoint(address, port), Backlog, "--port");
            }
            catch (IOException exception)
                when (options.TakesNextPort
                    && port < options.Port + MaxNextPorts
                    && port < IPEndPoint.MaxPort
                    && exception.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
                )
            {
                // Another program has this one.
            }
        }
    }

    private static IPAddress[] Listened(string host)
    {
        if (AddressText.TryParse(host, out var address))
            return [address];
        if (host == "localhost")
            return [IPAddress.Loopback];
        throw new WebOptionsException($"--host takes an address to listen on, such as 127.0.0.1, 0.0.0.0 or ::, not \"{host}\"");
    }

    private static void AddServices(IServiceCollection services, WebOptions options, BuilderStorage storage)
    {
        services.AddSingleton(options);
        services.AddSingleton(provider => PublishingHost.Describe(provider, Describe(options)));
        services.AddSingleton(storage);
        services.AddSingleton(storage.Database);
        services.AddSingleton(storage.Directory);
        services.AddSingleton(storage.Damaged);
        services.AddSingleton<ProcessIdentity>();
        services.AddSingleton(provider => new WorkLeases(
            storage.Database,
            provider.GetRequiredService<ProcessIdentity>().Id,
            options.LeaseTime
        ));
        services.AddSingleton(new WebProcesses(storage.Database));
        services.AddSingleton(storage.Scrub);
        services.AddSingleton(storage.Artifacts);
        services.AddSingleton(storage.BuildFiles);
        services.AddSingleton(storage.Authenticator);
        services.AddSingleton(new AccountSessions(storage.Database, options.Clock));
        services.AddSingleton(new SignInLinks(storage.Database, options.Clock));
        services.AddSingleton(new ApiTokens(storage.Database, options.Clock));
        services.AddSingleton(new AuditLog(storage.Database, options.Clock));
        services.AddSingleton(new UserAdministration(storage.Database));
        services.AddSingleton(new AccountIdentities(storage.Database));
        if (options.OpenId is { } openId)
            services.AddSingleton(_ => new OpenIdProvider(openId, options.Clock));
        services.AddSingleton(provider => new AuditTrail(
            provider.GetRequiredService<AuditLog>(),
            provider.GetRequiredService<UserAdministration>(),
            options.Clock,
            provider.GetRequiredService<ILogger<AuditTrail>>()
        ));
        services.AddSingleton<AccountGate>();
        services.AddSingleton(storage.Uploads);
        services.AddSingleton(new BuildExec(storage.Database, storage.BuildFiles, storage.Artifacts));
        services.AddSingleton(
            new DownloadRedirects(
                options.RedirectsDownloads && storage.Bucket is { } bucket ? new PresignedDownloads(bucket) : null,
                storage.Database
            )
        );
        services.AddSingleton<Unikernels>();
        services.AddSingleton<SiteMetrics>();
        services.AddSingleton<SiteTroubles>();
        services.AddSingleton<UploadReport>();
        services.AddSingleton<UploadGate>();
        services.AddSingleton<ExpensiveWork>();
        services.AddSingleton<DownloadPieces>();
        services.AddSingleton<JobRevisions>();
        var server = options.Server is { } address ? BuildServer.Parse(address, options) : null;
        services.AddSingleton(new Activity(server, options.Clock));
        // Pauses between messages of a connection are those of the network, whatever time the site has.
        services.AddSingleton(new SiteChanges(TimeProvider.System));
        services.AddSingleton<UsualTimes>();
        services.AddSingleton(provider => new ServerActions(
            server,
            provider.GetRequiredService<Activity>(),
            provider.GetRequiredService<AccountGate>(),
            provider.GetRequiredService<AuditTrail>()
        ));
        if (server is not null)
        {
            services.AddHostedService(provider => new ActivityFeed(
                server,
                provider.GetRequiredService<Activity>(),
                provider.GetRequiredService<SiteChanges>(),
                options.Clock,
                provider.GetRequiredService<ILogger<ActivityFeed>>()
            ));
            services.AddSingleton(provider => new PolicyPull(
                server,
                storage.Database,
                options.Clock,
                provider.GetRequiredService<ILogger<PolicyPull>>()
            ));
            services.AddHostedService(static provider => provider.GetRequiredService<PolicyPull>());
            services.AddHostedService(provider => new ServerWatch(
                server,
                storage.Database,
                provider.GetRequiredService<WorkLeases>(),
                options.Clock,
                provider.GetRequiredService<ILogger<ServerWatch>>()
            ));
        }
        services.AddSingleton(provider => new PageResponder(
            storage.Database,
            provider.GetRequiredService<SiteInfo>(),
            options.Clock,
            provider.GetRequiredService<ExpensiveWork>(),
            provider.GetRequiredService<JobRevisions>(),
            provider.GetRequiredService<SiteMetrics>()
        ));
        services.AddSingleton(new Intro(options.ConfigurationDirectory));
        services.AddSingleton<HomeCells>();
        services.AddSingleton<HomeAlarms>();
        services.AddSingleton<HomeSources>();
        services.AddSingleton<NewestOfContent>();
        services.AddSingleton<BinaryParts>();
        services.AddSingleton<CompareInputs>();
        services.AddSingleton<ConsoleIndexes>();
        services.AddSingleton<ConsoleSources>();
        services.AddSingleton(storage.Deltas);
        services.AddSingleton<DeltaFiles>();
        services.AddSingleton<ArtifactDeltas>();
        services.AddSingleton<DeltaAnswer>();
        services.AddSingleton<DifferenceFiles>();
        services.AddSingleton<DifferenceMaker>();
        services.AddSingleton<DifferenceComputation>();
        services.AddSingleton<IDifferences>(static provider => provider.GetRequiredService<DifferenceComputation>());
        services.AddSingleton<SiteLog>();
        services.AddSingleton(new PackageIndex(storage.Database, storage.Artifacts));
        services.AddSingleton(new SymbolIndex(storage.Database, storage.Artifacts));
        services.AddSingleton(new ConsoleTextIndex(storage.Database, storage.BuildFiles, options.TextIndexSize));
        services.AddSingleton<SymbolFinder>();
        services.AddSingleton<ConsoleFinder>();
        services.AddSingleton<SearchSources>();
        services.AddSingleton(provider => new ContentIndexing(
            provider.GetRequiredService<PackageIndex>(),
            provider.GetRequiredService<SymbolIndex>(),
            provider.GetRequiredService<ConsoleTextIndex>(),
            provider.GetRequiredService<WorkLeases>(),
            options.Clock,
            provider.GetRequiredService<ILogger<ContentIndexing>>()
        ));
        services.AddSingleton(provider => new AdvisoryFolder(
            storage.Directory,
            options.Clock,
            provider.GetRequiredService<ILogger<AdvisoryFolder>>()
        ));
        services.AddSingleton<MatchedPlaces>();
        services.AddSingleton(provider => new AdvisoryEvents(
            provider.GetRequiredService<MatchedPlaces>(),
            storage.Database,
            options.Clock,
            provider.GetRequiredService<ILogger<AdvisoryEvents>>()
        ));
        services.AddHostedService(static provider => provider.GetRequiredService<AdvisoryEvents>());
        if (options.AdvisorySources.Count > 0)
            services.AddHostedService(provider => new AdvisoryImporting(
                new AdvisoryDownload(
                    storage.Directory,
                    new OutgoingDownload(new GuardedConnector(options.AdvisoryNetworks), options.Clock)
                ),
                options.AdvisorySources,
                options.Clock,
                provider.GetRequiredService<ILogger<AdvisoryImporting>>()
            ));
        services.AddSingleton<PictureFiles>();
        services.AddSingleton<PictureMaker>();
        services.AddSingleton<PicturePreparation>();
        services.AddSingleton<PictureSources>();
        services.AddSingleton<BuildSbom>();
        services.AddSingleton<ProofSources>();
        services.AddSingleton(new StatementLimiter(options.Clock));
        services.AddSingleton(provider => new StatementIntake(
            storage.Database,
            provider.GetRequiredService<StatementLimiter>(),
            options.Clock,
            provider.GetRequiredService<ILogger<StatementIntake>>()
        ));
        services.AddSingleton<IMemoryPoolFactory<byte>, NetworkMemoryPoolFactory>();
        services.AddHostedService(static provider => provider.GetRequiredService<PicturePreparation>());
        services.AddHostedService(static provider => provider.GetRequiredService<DifferenceComputation>());
        services.AddSingleton<AttestationService>();
        services.AddHostedService(static provider => provider.GetRequiredService<AttestationService>());
        services.AddHostedService(static provider => provider.GetRequiredService<ContentIndexing>());
        services.AddSingleton(provider => new FailureReading(
            new FailureIndex(storage.Database, storage.BuildFiles),
            provider.GetRequiredService<WorkLeases>(),
            options.Clock,
            provider.GetRequiredService<ILogger<FailureReading>>()
        ));
        services.AddHostedService(static provider => provider.GetRequiredService<FailureReading>());
        services.AddSingleton<IFailureStory, FailureStories>();
        services.AddSingleton<IInputChanges, InputChanges>();
        services.AddSingleton(new TargetSettings(options.ConfigurationDirectory));
        services.AddSingleton<NotificationService>();
        services.AddHostedService(static provider => provider.GetRequiredService<NotificationService>());
        services.AddHostedService<ScrubService>();
        services.AddHostedService<BucketSweepService>();
        services.AddHostedService(static provider => provider.GetRequiredService<SiteTroubles>());
        if (storage.Database.Engine == DatabaseEngine.PostgreSql)
        {
            services.AddHostedService<Heartbeat>();
            services.AddHostedService<OtherProcesses>();
        }
        services.AddHostedService(provider => new IdleMemoryTrimmer(
            storage.Database,
            options.Clock,
            provider.GetRequiredService<ILogger<IdleMemoryTrimmer>>()
        ));
        services.AddRoutingCore();
        if (options.MetricsPort is not null)
            services.AddOperations();
    }

    private static SiteInfo Describe(WebOptions options)
    {
        var site = new SiteInfo(options.Title, options.Contact, options.Server is not null);
        return options.PublicUrl is { } url ? site with { Address = SiteOrigin.Of(url) } : site;
    }

    private static void ConfigurePipeline(WebApplication app, WebOptions options)
    {
        if (options.MetricsPort is not null)
            app.UseOperations();
        app.UseForwarded(options.TrustedProxies);
        app.UseSecurityHeaders();
        app.UseErrors();
        app.UseOriginCheck();
        app.UseSessions();
        app.UseWithoutTrailingSlash();
        app.UseRouting();
        app.UseWithholding();
        app.MapAssets();
        app.MapHome();
        app.MapJobs();
        app.MapHistory();
        app.MapBuilds();
        app.MapBuildAdvisories();
        app.MapConsoles();
        app.MapArtifacts();
        app.MapArchives();
        app.MapCompare();
        app.MapDifference();
        app.MapGuide();
        app.MapPictures();
        app.MapSbom();
        app.MapVex();
        app.MapBuildInfo();
        app.MapProof();
        app.MapRebuilders();
        app.MapRebuilderd();
        app.MapUploads();
        app.MapSignIn();
        app.MapSignInLinks();
        app.MapOpenId(app.Services.GetService<OpenIdProvider>());
        app.MapAccount();
        app.MapAccounts();
        app.MapAudit();
        app.MapJobActions();
        app.MapFarmActions();
        app.MapHooks();
        app.MapDismiss();
        app.MapRebuild();
        app.MapFailures();
        app.MapTriage();
        app.MapFeeds();
        app.MapBadges();
        app.MapPackageFeed();
        app.MapLive();
        app.MapNotifications();
        app.MapSearch();
        app.MapStatements();
        app.MapFind();
        app.MapRepositories();
        app.MapTransparencyLog();
        app.MapApi();
        app.MapRobots();
        if (options.ShowsHealth)
            app.MapHealth();
    }
}
