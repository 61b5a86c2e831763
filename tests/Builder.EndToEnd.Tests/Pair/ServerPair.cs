using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Builder.Testing;

namespace Builder.EndToEnd.Tests.Pair;

/// <summary>Two servers on one state in PostgreSQL with one spool, workers and clients that know both, and a sink for uploads. All are processes of their own.</summary>
internal sealed class ServerPair : IAsyncDisposable
{
    public const string Platform = "test-platform";

    private readonly TemporaryDirectory directory = new();
    private readonly string connection;
    private readonly NetworkNamespace? network;
    private readonly TcpRelay? relay;
    private readonly UploadSink sink;
    private readonly int[] ports = [FreePort(), FreePort()];
    private readonly BuilderProcess?[] servers = new BuilderProcess?[2];
    private readonly List<BuilderProcess> workers = [];

    private ServerPair(string connection, NetworkNamespace? network, TcpRelay? relay, UploadSink sink)
    {
        this.connection = connection;
        this.network = network;
        this.relay = relay;
        this.sink = sink;
        Directory.CreateDirectory(directory["work"]);
        Directory.CreateDirectory(directory["config"]);
    }

    public UploadSink Uploads => sink;

    /// <summary>0 and 1; the first to start is 0.</summary>
    public int Serving { get; private set; }

    public int Standby => 1 - Serving;

    private string Remotes => $"{AddressOf(0)}:{ports[0]},{AddressOf(1)}:{ports[1]}";

    /// <param name="network">Where the first server runs; null for this machine's own.</param>
    public static async Task<ServerPair> StartAsync(PostgreSqlServer database, int workerCount, NetworkNamespace? network = null)
    {
        Requirement.PostgreSql();
        var connection = await database.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        var relay = network is null ? null : new TcpRelay(Path.Combine(Setting(connection, "Host"), ".s.PGSQL.5432"));
        var pair = new ServerPair(connection, network, relay, await UploadSink.StartAsync());
        await pair.StartServerAsync(0);
        await pair.ServesAsync(0);
        await pair.StartServerAsync(1);
        await pair.Server(1).LineAsync(line => line.Contains("standby: \"", StringComparison.Ordinal));
        for (var i = 0; i < workerCount; i++)
            pair.StartWorker(i);
        return pair;
    }

    public BuilderProcess Server(int index) => servers[index]!;

    public async Task StartServerAsync(int index)
    {
        var isAway = network is not null && index == 0;
        var state = directory[$"state-{index}"];
        await File.WriteAllTextAsync(
            state,
            isAway
                ? $"Host={network!.HostAddress};Port={relay!.Port};Username={Setting(connection, "Username")};Database={Setting(connection, "Database")}"
                : connection,
            TestContext.Current.CancellationToken
        );
        File.SetUnixFileMode(state, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        servers[index] = BuilderProcess.Start(
            [.. isAway ? network!.Command : [], BuilderProcess.Executable],
            [
                "server",
                "--ip",
                isAway ? "0.0.0.0" : "127.0.0.1",
                "--insecure",
                "--port",
                $"{ports[index]}",
                "--dir",
                directory[$"server-{index}"],
                "--config-dir",
                directory["config"],
                "--state-file",
                state,
                "--spool",
                directory["spool"],
                "--upload",
                $"http://{(isAway ? network!.HostAddress : "127.0.0.1")}:{sink.Port}/upload",
                "--attempts",
                "1000",
            ],
            environment: []
        );
    }

    /// <summary>Until this server listens; says how long that took.</summary>
    public async Task<TimeSpan> ServesAsync(int index)
    {
        var started = Stopwatch.GetTimestamp();
        await Server(index).LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));
        Serving = index;
        return Stopwatch.GetElapsedTime(started);
    }

    public async Task SignalAsync(int index, string signal)
    {
        // Within a namespace the process is the same: ip(8) becomes the program.
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{Server(index).Id}"]))!;
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Schedules a job that prints numbered lines for as many tenths of a second, and counts how often it is begun.</summary>
    public async Task ScheduleAsync(string job, int tenths)
    {
        var script = directory[$"{job}.sh"];
        await File.WriteAllTextAsync(
            script,
            $"echo begun >> {directory[$"{job}.begun"]}\nfor i in $(seq {tenths}); do echo \"line $i\"; sleep 0.1; done\nmkdir bin\ncat /proc/sys/kernel/random/uuid > bin/result\n",
            TestContext.Current.CancellationToken
        );
        await ClientAsync("schedule", job, Platform, script, "--period", "never");
    }

    /// <summary>How often the job was begun.</summary>
    public int CountBegun(string job) => File.Exists(directory[$"{job}.begun"]) ? File.ReadAllLines(directory[$"{job}.begun"]).Length : 0;

    public async Task<string> ClientAsync(params string[] arguments)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["client", .. arguments, "-r", Remotes]);
        Assert.True(exitCode == 0, $"{output}\n{Logs()}");
        return output;
    }

    public async Task<(IReadOnlyList<string> Jobs, int Running, int Queued)> InfoAsync()
    {
        using var info = JsonDocument.Parse(await ClientAsync("info", "--json"));
        var root = info.RootElement;
        return (
            [
                .. root.GetProperty("schedule")
                    .EnumerateArray()
                    .Select(job => job.GetProperty("name").GetString()!)
                    .Order(StringComparer.Ordinal),
            ],
            root.GetProperty("running").GetArrayLength(),
            root.GetProperty("queues").EnumerateArray().Sum(queue => queue.GetProperty("jobs").GetArrayLength())
        );
    }

    public async Task UntilAsync(Func<Task<bool>> isThereAsync, string what)
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await isThereAsync())
        {
            Assert.False(patience.IsCancellationRequested, $"{what}: it did not come\n{Logs()}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What the database says.</summary>
    public async Task<string> QueryAsync(string query)
    {
        using var psql = Process.Start(
            new ProcessStartInfo(
                Path.Combine(PostgreSqlServer.ProgramDirectory!, "psql"),
                [
                    "-h",
                    Setting(connection, "Host"),
                    "-U",
                    Setting(connection, "Username"),
                    "-d",
                    Setting(connection, "Database"),
                    "-Atc",
                    query,
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        var output = await psql.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await psql.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output.Trim();
    }

    public string Logs() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"--- server 0\n{servers[0]?.Transcript}\n--- server 1\n{servers[1]?.Transcript}\n--- workers\n{string.Join("\n---\n", workers.Select(worker => worker.Transcript))}"
        );

    public async ValueTask DisposeAsync()
    {
        foreach (var process in (BuilderProcess?[])[.. workers, .. servers])
        {
            if (process is not null)
                await process.DisposeAsync();
        }
        await sink.DisposeAsync();
        if (relay is not null)
            await relay.DisposeAsync();
        directory.Dispose();
    }

    private string AddressOf(int index) => network is not null && index == 0 ? network.Address : "127.0.0.1";

    private void StartWorker(int index) =>
        workers.Add(
            BuilderProcess.Start(
                "worker",
                Platform,
                "--loop",
                "--extended",
                "--name",
                $"worker-{index}",
                "--workdir",
                directory["work"],
                "-r",
                Remotes
            )
        );

    private static string Setting(string connection, string name) =>
        connection.Split(';').Single(part => part.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
