using Builder.Posix;
using Builder.Publishing.Attestation;
using Builder.Storage.Database;
using Builder.Storage.Statements;
using Builder.Testing;
using Builder.Web.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Web.Tests.Proof;

/// <summary>The filled site with a real signer and its log, and all builds attested.</summary>
public sealed class SignedSite : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private readonly CancellationTokenSource stop = new();
    private BuilderDatabase? reading;
    private StatementLog? log;
    private AttestationSigner? signer;
    private Task serving = Task.CompletedTask;

    public Site Site { get; private set; } = null!;

    public HttpClient Http => Site.Http;

    private string Socket => directory["s.sock"];

    public async ValueTask InitializeAsync()
    {
        Site = await Site.FilledAsync(options => options with { Signer = Socket }, prepare: StartSignerAsync);
        await using var database = await BuilderDatabase.OpenAsync(Site.Database, stop.Token);
        var runner = new AttestationRunner(database, new AttestationClient(Socket), TimeProvider.System);
        await runner.FetchKeysAsync(stop.Token);
        await AttestationTasks.AddMissingAsync(database, isAgain: false, stop.Token);
        while (await runner.RunBatchAsync(stop.Token) > 0)
        {
            // Until nothing is due.
        }
    }

    /// <summary>As the operator does.</summary>
    public async Task RetractAsync(string build, string because)
    {
        await using var database = await BuilderDatabase.OpenAsync(Site.Database, stop.Token);
        var answer = await new AttestationClient(directory["o.sock"]).AskAsync(
            new SignerRequest(StatementKind.Retraction, [build], because),
            stop.Token
        );
        await database.WriteAsync(session => AttestationRunner.KeepAsync(session, answer, stop.Token), stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Site.DisposeAsync();
        await stop.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        signer?.Dispose();
        if (log is not null)
            await log.DisposeAsync();
        if (reading is not null)
            await reading.DisposeAsync();
        stop.Dispose();
        directory.Dispose();
    }

    private async Task StartSignerAsync(WebOptions options)
    {
        var state = directory["signer"];
        PrivateFiles.CreateDirectory(state);
        var settings = new SignerSettings(state, new Uri("http://127.0.0.1")) { Version = "1.0" };
        reading = await BuilderDatabase.OpenAsync(
            new DatabaseSettings(options.DataDirectory, options.ConnectionString) { IsReadOnly = true },
            stop.Token
        );
        var keys = new KeyDirectory(AttestationSigner.KeysIn(state), TimeProvider.System);
        keys.CreateMissing(settings.Site);
        log = await StatementLog.OpenAsync(settings, keys, Path.Combine(options.DataDirectory, "_tlog"), stop.Token);
        signer = await AttestationSigner.OpenAsync(settings, reading, log, TimeProvider.System, stop.Token);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        serving = new AttestationServer(signer, TimeProvider.System, NullLogger.Instance).RunAsync(
            Socket,
            PrivateFiles.FileMode,
            directory["o.sock"],
            ready.SetResult,
            stop.Token
        );
        await await Task.WhenAny(ready.Task, serving);
    }
}
