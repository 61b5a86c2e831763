using System.Formats.Tar;
using System.IO.Compression;
using Builder.Storage.Database;
using Builder.Storage.Index;
using Builder.Storage.Migrations;
using Builder.Testing;
using Builder.Web.Failures;
using Builder.Web.Find;
using Builder.Web.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Web.Tests;

/// <summary>The whole site on a free port, on a data directory of its own.</summary>
public sealed class Site : IAsyncDisposable
{
    /// <summary>When the reference answers were recorded.</summary>
    public static readonly DateTimeOffset Recorded = new(2026, 11, 22, 17, 6, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory directory;

    private readonly WebOptions options;

    private Site(TemporaryDirectory directory, BuilderWeb web, FakeTimeProvider clock, WebOptions options)
    {
        this.options = options;
        this.directory = directory;
        Web = web;
        Clock = clock;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = web.Address };
    }

    public BuilderWeb Web { get; }

    public FakeTimeProvider Clock { get; }

    /// <summary>Does not follow redirects.</summary>
    public HttpClient Http { get; }

    public DatabaseSettings Database => options.Database;

    public string DataDirectory => directory["web"];

    public string ConfigurationDirectory => directory["etc"];

    /// <summary>The data directory that the reference program filled, brought up to this program's version.</summary>
    /// <param name="prepare">Done before it starts.</param>
    public static async Task<Site> FilledAsync(
        Func<WebOptions, WebOptions>? options = null,
        Action<ILoggingBuilder>? logging = null,
        Func<WebOptions, Task>? prepare = null
    )
    {
        var directory = new TemporaryDirectory();
        await using (var archive = Vectors.Open("web/datadir.tar.gz"))
        await using (var unzipped = new GZipStream(archive, CompressionMode.Decompress))
            await TarFile.ExtractToDirectoryAsync(unzipped, directory.Path, overwriteFiles: false);
        return await StartAsync(directory, options, logging, prepare);
    }

    public static Task<Site> EmptyAsync(Func<WebOptions, WebOptions>? options = null, Action<ILoggingBuilder>? logging = null) =>
        StartAsync(new TemporaryDirectory(), options, logging, prepare: null);

    /// <summary>Completes when all that was stored so far has its entries in the index of contents.</summary>
    public Task IndexedAsync() => IndexedAsync(Web);

    public static async Task IndexedAsync(BuilderWeb web)
    {
        await web.Services.GetRequiredService<ContentIndexing>().WhenIdleAsync().WaitAsync(TestContext.Current.CancellationToken);
        await web.Services.GetRequiredService<FailureReading>().WhenIdleAsync().WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>An advisory that applies to every OCaml program.</summary>
    /// <returns>Its id.</returns>
    public string AddAdvisory()
    {
        var folder = Path.Combine(DataDirectory, AdvisoryStore.FolderName);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "OSEC-2026-01.md"), "```\nid: OSEC-2026-01\naffected: \"ocaml\"\n```\n\n# A fault\n");
            Clock.Advance(TimeSpan.FromSeconds(5));
        }
        return "OSEC-2026-01";
    }

    /// <summary>Another site on the same data directory, just started.</summary>
    public async Task<BuilderWeb> AgainAsync()
    {
        var web = await BuilderWeb.CreateAsync(options, static log => log.ClearProviders(), TestContext.Current.CancellationToken);
        await web.StartAsync(TestContext.Current.CancellationToken);
        return web;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Web.StopAsync(CancellationToken.None);
        await Web.DisposeAsync();
        directory.Dispose();
    }

    private static async Task<Site> StartAsync(
        TemporaryDirectory directory,
        Func<WebOptions, WebOptions>? change,
        Action<ILoggingBuilder>? logging,
        Func<WebOptions, Task>? prepare
    )
    {
        var clock = new FakeTimeProvider(Recorded);
        var stop = TestContext.Current.CancellationToken;
        Directory.CreateDirectory(directory["etc"]);
        var options = new WebOptions
        {
            Port = 0,
            DataDirectory = directory["web"],
            ConfigurationDirectory = directory["etc"],
            Clock = clock,
        };
        options = change?.Invoke(options) ?? options;
        await new Migrator(options.Database, new Progress<string>()).MigrateAsync(stop);
        if (prepare is not null)
            await prepare(options);
        var web = await BuilderWeb.CreateAsync(options, logging ?? (static log => log.ClearProviders()), stop);
        await web.StartAsync(stop);
        return new Site(directory, web, clock, options);
    }
}
