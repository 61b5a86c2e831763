using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Builder.Testing;
using Microsoft.Data.Sqlite;

namespace Builder.EndToEnd.Tests;

/// <summary>Server, web and workers as processes of their own, each of which can be killed and started again where it was.</summary>
internal sealed class FarmProcesses : IAsyncDisposable
{
    public const string Platform = "test-platform";

    private const string User = "farm";
    private const string Password = "correct horse battery staple";

    private readonly TemporaryDirectory directory = new();
    private readonly BuilderProcess?[] workers;
    private BuilderProcess? server;
    private BuilderProcess? web;

    private FarmProcesses(int workerCount) => workers = new BuilderProcess?[workerCount];

    public int WebPort { get; } = FreePort();

    public int ServerPort { get; } = FreePort();

    public int WorkerCount => workers.Length;

    private string WebDirectory => directory["web"];

    public static async Task<FarmProcesses> StartAsync(int workerCount)
    {
        var farm = new FarmProcesses(workerCount);
        await farm.SetUpDatabaseAsync();
        await farm.StartWebAsync();
        await farm.StartServerAsync();
        for (var i = 0; i < workerCount; i++)
            farm.StartWorker(i);
        return farm;
    }

    public async Task KillServerAsync() => await server!.KillAsync();

    public async Task KillWebAsync() => await web!.KillAsync();

    public async Task KillWorkerAsync(int index) => await workers[index]!.KillAsync();

    public async Task StartWebAsync()
    {
        web = BuilderProcess.Start(
            "web", "--port", $"{WebPort}", "--datadir", WebDirectory, "--configdir", directory["config"], "--server", $"127.0.0.1:{ServerPort}");
        await web.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));
    }

    public async Task StartServerAsync()
    {
        server = BuilderProcess.Start(
            "server", "--port", $"{ServerPort}", "--dir", directory["server"], "--config-dir", directory["config"],
            "--upload", $"http://{User}:{Uri.EscapeDataString(Password)}@127.0.0.1:{WebPort}/upload", "--attempts", "1000");
        await server.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));
    }

    public void StartWorker(int index)
    {
        Directory.CreateDirectory(directory["work"]);
        workers[index] = BuilderProcess.Start("worker", Platform, "--loop", "-r", $"127.0.0.1:{ServerPort}", "--workdir", directory["work"]);
    }

    /// <summary>A client command that may meet a server that is just away: tried until the server has answered.</summary>
    public async Task<string> ClientAsync(params string[] arguments)
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        while (true)
        {
            var (exitCode, output) = await BuilderProcess.RunAsync(["client", .. arguments, "-r", $"127.0.0.1:{ServerPort}"]);
            if (exitCode == 0)
                return output;
            // A command that was taken, but whose answer was lost with the server, is refused when it comes again.
            if (output.Contains("already", StringComparison.Ordinal))
                return output;
            Assert.False(patience.IsCancellationRequested, output);
        }
    }

    public async Task ScheduleAsync(string job, string script)
    {
        var file = directory[$"{job}.sh"];
        await File.WriteAllTextAsync(file, script, TestContext.Current.CancellationToken);
        await ClientAsync("schedule", job, Platform, file, "--period", "never");
    }

    /// <summary>How many builds of each job the web role has recorded.</summary>
    public async Task<Dictionary<string, long>> RecordedAsync()
    {
        var source = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(WebDirectory, "builder.sqlite3"),
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        };
        await using var connection = new SqliteConnection(source.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT job.name, COUNT(*)
            FROM build
            JOIN job ON job.id = build.job
            GROUP BY job.name
            """;
        var builds = new Dictionary<string, long>();
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            builds[reader.GetString(0)] = reader.GetInt64(1);
        return builds;
    }

    /// <summary>Waits until each of the jobs is recorded at least once; what is missing then is named with the logs.</summary>
    public async Task AllRecordedAsync(IReadOnlyCollection<string> jobs)
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var recorded = await RecordedAsync();
            if (jobs.All(recorded.ContainsKey))
                return;
            if (patience.IsCancellationRequested)
            {
                Assert.Fail(string.Create(
                    CultureInfo.InvariantCulture,
                    $"never recorded: {string.Join(", ", jobs.Where(job => !recorded.ContainsKey(job)))}\n--- server\n{server?.Transcript}\n--- web\n{web?.Transcript}\n--- workers\n{string.Join("\n--- \n", workers.Select(worker => worker?.Transcript))}"));
            }
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public Task<(int ExitCode, string Output)> VerifyAsync() => BuilderProcess.RunAsync(["db", "verify-data-dir", "--datadir", WebDirectory]);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in (BuilderProcess?[])[.. workers, server, web])
        {
            if (process is not null)
                await process.DisposeAsync();
        }
        directory.Dispose();
    }

    private async Task SetUpDatabaseAsync()
    {
        Directory.CreateDirectory(directory["config"]);
        var (migrated, output) = await BuilderProcess.RunAsync(["db", "migrate", "--datadir", WebDirectory]);
        Assert.True(migrated == 0, output);
        (var added, output) = await BuilderProcess.RunAsync(["db", "user-add", User, "--unrestricted", "--datadir", WebDirectory], Password + "\n");
        Assert.True(added == 0, output);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
