using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Proof.Keys;
using Builder.Proof.Records;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Publishing.Attestation;
using Builder.Storage;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Storage.Migrations;
using Builder.Storage.Statements;
using Builder.Storage.Values;
using Builder.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Publishing.Tests.Attestation;

/// <summary>A site's data, a build server that signs records, and a signer at a real socket.</summary>
internal sealed class SignerSite : IAsyncDisposable
{
    private static readonly User Uploader = new(new UserId(1), "admin", IsRestricted: false);

    private readonly TemporaryDirectory directory = new();
    private readonly CancellationTokenSource stop = new();
    private BuilderDatabase? reading;
    private StatementLog? log;
    private AttestationSigner? signer;
    private Task serving = Task.CompletedTask;

    private SignerSite() { }

    public EcdsaSigningKey Server { get; } = EcdsaSigningKey.Generate();

    public BuilderStorage Storage { get; private set; } = null!;

    public string State => directory["signer"];

    public string Log => directory["log"];

    public string Socket => directory["s.sock"];

    public string OperatorSocket => directory["o.sock"];

    public string ServerKeyFile => directory["server.pub"];

    public string this[string relative] => directory[relative];

    public AttestationRunner Runner => new(Storage.Database, new AttestationClient(Socket), TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<SignerSite> CreateAsync(string? connection = null)
    {
        var site = new SignerSite();
        var settings = new DatabaseSettings(site.directory["data"], connection);
        await new Migrator(settings, new Progress<string>()).MigrateAsync(Stop);
        site.Storage = await BuilderStorage.OpenAsync(settings, TimeProvider.System, Stop);
        await new UserAdministration(site.Storage.Database).AddAsync("admin", "secret", false, new ScryptParameters(2, 1, 1), Stop);
        await File.WriteAllTextAsync(site.ServerKeyFile, site.Server.PublicKey.ToPem(), Stop);
        PrivateFiles.CreateDirectory(site.State);
        return site;
    }

    /// <summary>Starts it anew where one runs.</summary>
    public async Task StartSignerAsync(bool isHosted = false, bool hasLog = true)
    {
        await StopSignerAsync();
        var settings = new SignerSettings(State, new Uri("https://builds.example"))
        {
            ServerKeys = [ServerKeyFile],
            IsHosted = isHosted,
            Version = "1.0",
        };
        reading = await BuilderDatabase.OpenAsync(Storage.Database.Settings with { IsReadOnly = true }, Stop);
        var keys = new KeyDirectory(AttestationSigner.KeysIn(State), TimeProvider.System);
        keys.CreateMissing(settings.Site);
        log = hasLog ? await StatementLog.OpenAsync(settings, keys, Log, Stop) : null;
        signer = await AttestationSigner.OpenAsync(settings, reading, log, TimeProvider.System, Stop);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        serving = new AttestationServer(signer, TimeProvider.System, NullLogger.Instance).RunAsync(
            Socket,
            PrivateFiles.FileMode,
            OperatorSocket,
            ready.SetResult,
            stop.Token
        );
        await await Task.WhenAny(ready.Task, serving);
    }

    /// <summary>A build as a server uploads it, with the server's record.</summary>
    /// <param name="isolation">As the worker said it; null for an upload without a record.</param>
    public async Task<BuildUuid> StoreAsync(
        string content,
        string? isolation = "sandbox",
        string job = "hello",
        string inputs = "sources",
        SigningKey? server = null,
        BuildUuid? uuid = null,
        string? root = null
    )
    {
        var build = uuid ?? BuildUuid.NewRandom();
        Artifact[] artifacts =
        [
            new(ArtifactPath.Parse("bin/hello"), System.Text.Encoding.UTF8.GetBytes(content)),
            new(ArtifactPath.Parse("README.md"), "# Hello"u8.ToArray()),
            new(ArtifactPath.Parse("build-environment"), "PATH=/bin"u8.ToArray()),
            new(ArtifactPath.Parse("build-inputs"), System.Text.Encoding.UTF8.GetBytes(inputs)),
            new(
                ArtifactPath.Parse("system-packages"),
                System.Text.Encoding.UTF8.GetBytes(
                    "gcc=12.2\nlibc6=2.36\n" + (JobRoot.TryParse(root, out var known) ? known.PackageLine + "\n" : "")
                )
            ),
        ];
        var exec = new Exec(
            new ScriptJob(ByteString.FromUtf8(job), ByteString.FromUtf8("debian-12"), ByteString.FromUtf8("#!/bin/sh\nmake\n")),
            build,
            [new ConsoleLine(2_000_000_001, ByteString.FromUtf8("done")), new ConsoleLine(1, ByteString.FromUtf8("start"))],
            Timestamp.From(new DateTimeOffset(2026, 11, 22, 6, 0, 0, TimeSpan.Zero)),
            Timestamp.From(new DateTimeOffset(2026, 11, 22, 6, 5, 0, 250, TimeSpan.Zero)),
            new ExecutionResult.Exited(0),
            artifacts
        );
        var bytes = ExecCodec.Encode(exec);
        var record = isolation is null
            ? null
            : new UploadedRecord(build, (Record(exec, bytes, isolation) with { Root = root }).Sign(server ?? Server).ToJson());
        Assert.IsType<UploadResult.Stored>(await Storage.Uploads.IngestAsync(new MemoryStream(bytes), Uploader, Stop, record));
        return build;
    }

    /// <summary>Until nothing is due.</summary>
    public async Task AttestAsync()
    {
        await Runner.FetchKeysAsync(Stop);
        while (await Runner.RunBatchAsync(Stop) > 0) { }
    }

    public async Task<List<StoredStatement>> StatementsAsync(BuildUuid build)
    {
        await using var session = await Storage.Database.OpenReadAsync(Stop);
        return await StatementRows.OfBuildAsync(session, build, Stop);
    }

    public async Task<string?> RefusalAsync(BuildUuid build)
    {
        await using var session = await Storage.Database.OpenReadAsync(Stop);
        return (await AttestationTasks.FindAsync(session, build, StatementKind.Provenance, Stop))?.Refusal;
    }

    public Task ExecuteAsync(string sql, params SqlParameter[] parameters) =>
        Storage.Database.WriteAsync(session => session.ExecuteAsync(sql, Stop, parameters), Stop);

    public KeyList Keys() => new KeyDirectory(AttestationSigner.KeysIn(State), TimeProvider.System).Read();

    public async Task StopSignerAsync()
    {
        if (signer is null)
            return;
        // The socket goes with its server: nobody else listens there.
        signer.Dispose();
        signer = null;
        if (log is not null)
            await log.DisposeAsync();
        if (reading is not null)
            await reading.DisposeAsync();
        (log, reading) = (null, null);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StopSignerAsync();
        await Storage.DisposeAsync();
        Server.Dispose();
        stop.Dispose();
        directory.Dispose();
    }

    private static BuildRecord Record(Exec exec, byte[] bytes, string isolation)
    {
        using var list = new ArtifactListDigest();
        foreach (var artifact in exec.Output)
            list.Add(artifact.Path.Bytes.Span, artifact.Data.Length, Sha256Digest.Of(artifact.Data.Span));
        var count = list.Count;
        return new BuildRecord
        {
            Uuid = exec.Uuid.ToString(),
            Job = exec.Job.Name.ToString(),
            Platform = exec.Job.Platform.ToString(),
            Script = Sha256Digest.Of(exec.Job.Script.Span),
            Worker = "worker-1",
            Isolation = isolation,
            Started = exec.Started.ToDateTimeOffset(),
            Finished = exec.Finished.ToDateTimeOffset(),
            Exec = Sha256Digest.Of(bytes),
            ExecSize = bytes.Length,
            Artifacts = list.End(),
            ArtifactCount = count,
        };
    }
}
