using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>Server, web and workers as processes of their own, each of which can be killed and started again where it was.</summary>
internal sealed class FarmProcesses : IAsyncDisposable
{
    public const string Platform = "test-platform";

    private const string User = "farm";
    private const string Password = "correct horse battery staple";

    private readonly TemporaryDirectory directory = new();
    private readonly BuilderProcess?[] workers;
    private readonly IReadOnlyList<string> workerOptions;
    private BuilderProcess? server;
    private BuilderProcess? web;

    private FarmProcesses(int workerCount, IReadOnlyList<string> workerOptions)
    {
        workers = new BuilderProcess?[workerCount];
        this.workerOptions = workerOptions;
        Directory.CreateDirectory(directory["work"]);
        // The jobs of a worker that is root are another user in their sandbox, who passes through.
        foreach (var path in (string[])[directory.Path, directory["work"]])
            File.SetUnixFileMode(path, (UnixFileMode)0b111_001_001);
        Remains = new FarmRemains(directory["work"]);
    }

    public int WebPort { get; } = FreePort();

    public int ServerPort { get; } = FreePort();

    /// <summary>Where server, web and workers send their traces; null for nowhere.</summary>
    public Uri? Collector { get; private init; }

    /// <summary>The socket of the server for clients of this machine, where traces are collected.</summary>
    public string ClientSocket => directory["clients"];

    public int WorkerCount => workers.Length;

    /// <summary>What jobs and killed workers may have left.</summary>
    public FarmRemains Remains { get; }

    /// <summary>The site's data directory.</summary>
    public string WebDirectory => directory["web"];

    public string ConfigurationDirectory => directory["config"];

    /// <summary>A path of its own for a test, removed with the farm.</summary>
    public string this[string name] => directory[name];

    /// <param name="workerOptions">Of every worker. Those with an odd number talk the extended protocol as well.</param>
    public static async Task<FarmProcesses> StartAsync(int workerCount, params IReadOnlyList<string> workerOptions)
    {
        var farm = new FarmProcesses(workerCount, workerOptions);
        await farm.StartAllAsync();
        return farm;
    }

    private async Task StartAllAsync()
    {
        await SetUpDatabaseAsync();
        await StartWebAsync();
        await StartServerAsync();
        for (var i = 0; i < WorkerCount; i++)
            StartWorker(i);
    }

    /// <summary>Spans go out soon rather than after the usual 5 s, and a collector may take as long as it likes.</summary>
    private BuilderProcess StartRole(params IEnumerable<string> arguments) =>
        Collector is null
            ? BuilderProcess.Start(arguments)
            : BuilderProcess.Start(
                [.. arguments, "--otlp-endpoint", Collector.AbsoluteUri],
                [
                    KeyValuePair.Create("OTEL_BSP_SCHEDULE_DELAY", "100"),
                    KeyValuePair.Create("OTEL_BSP_EXPORT_TIMEOUT", "600000"),
                    KeyValuePair.Create("OTEL_EXPORTER_OTLP_TIMEOUT", "600000"),
                ]
            );

    /// <summary>As <see cref="StartAsync"/>, with traces that go to a collector.</summary>
    public static async Task<FarmProcesses> StartTracedAsync(Uri collector, int workerCount, params IReadOnlyList<string> workerOptions)
    {
        var farm = new FarmProcesses(workerCount, workerOptions) { Collector = collector };
        await farm.StartAllAsync();
        return farm;
    }

    public async Task KillServerAsync() => await server!.KillAsync();

    public async Task KillWebAsync() => await web!.KillAsync();

    public async Task KillWorkerAsync(int index) => await workers[index]!.KillAsync();

    /// <summary>What stands between a worker and its jobs; the worker starts another one.</summary>
    public async Task KillSupervisorAsync(int index) => await FarmRemains.KillAsync(FarmRemains.SupervisorsOf(workers[index]!.Id));

    /// <summary>As a service manager does it that has waited long enough: both, in one go.</summary>
    public async Task KillWorkerWithSupervisorAsync(int index)
    {
        var worker = workers[index]!;
        await FarmRemains.KillAsync([.. FarmRemains.SupervisorsOf(worker.Id), worker.Id]);
        await worker.ExitAsync();
    }

    /// <summary>The server ends in order, and whether its journal is whole is asked of the server's own command.</summary>
    public async Task<(int ExitCode, string Output)> EndServerAndReadJournalAsync()
    {
        await server!.TerminateAsync();
        return await BuilderProcess.RunAsync(["server", "--dir", directory["server"], "--recover"]);
    }

    public async Task StartWebAsync()
    {
        web = StartRole(
            "web",
            "--port",
            $"{WebPort}",
            "--datadir",
            WebDirectory,
            "--configdir",
            directory["config"],
            "--server",
            $"127.0.0.1:{ServerPort}"
        );
        await web.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));
    }

    public async Task StartServerAsync()
    {
        server = StartRole(
            "server",
            "--port",
            $"{ServerPort}",
            "--dir",
            directory["server"],
            "--config-dir",
            directory["config"],
            "--upload",
            $"http://{User}:{Uri.EscapeDataString(Password)}@127.0.0.1:{WebPort}/upload",
            "--attempts",
            "1000",
            "--socket",
            ClientSocket,
            "--resume-time",
            "10"
        );
        await server.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));
    }

    public void StartWorker(int index)
    {
        var worker = StartRole([
            "worker",
            Platform,
            "--loop",
            "-r",
            $"127.0.0.1:{ServerPort}",
            "--workdir",
            directory["work"],
            "--env",
            Remains.Variable,
            .. workerOptions,
            .. index % 2 == 1 ? ["--extended", "--name", $"worker-{index}"] : (string[])[],
        ]);
        Remains.Workers.Add(worker.Id);
        workers[index] = worker;
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

    /// <summary>Sends a build as the build server does.</summary>
    /// <returns>The status of the answer.</returns>
    public async Task<HttpStatusCode> UploadAsync(byte[] exec, string traceParent)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{WebPort}/upload")
        {
            Content = new ByteArrayContent(exec),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"))
        );
        request.Headers.TryAddWithoutValidation("traceparent", traceParent);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    /// <summary>The names of the jobs that the server has, in their order.</summary>
    public async Task<IReadOnlyList<string>> ScheduledAsync()
    {
        using var info = JsonDocument.Parse(await ClientAsync("info", "--json"));
        return
        [
            .. info
                .RootElement.GetProperty("schedule")
                .EnumerateArray()
                .Select(job => job.GetProperty("name").GetString()!)
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Builds that the server has handed out and waits for.</summary>
    public async Task<int> RunningAsync()
    {
        using var info = JsonDocument.Parse(await ClientAsync("info", "--json"));
        return info.RootElement.GetProperty("running").GetArrayLength();
    }

    /// <summary>Lines of all consoles that the site has, as it has them.</summary>
    public IEnumerable<string> ConsoleLines() =>
        Directory.EnumerateFiles(WebDirectory, "console.txt", SearchOption.AllDirectories).SelectMany(File.ReadLines);

    /// <summary>How many builds of each job the web role has recorded.</summary>
    public Task<Dictionary<string, long>> RecordedAsync() => RecordedBuilds.InAsync(WebDirectory);

    /// <summary>Waits until each of the jobs is recorded at least once, as long as there are ever more; what is missing then is named with the logs.</summary>
    public async Task AllRecordedAsync(IReadOnlyCollection<string> jobs)
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var last = 0;
        while (true)
        {
            var recorded = await RecordedAsync();
            if (jobs.All(recorded.ContainsKey))
                return;
            if (recorded.Count > last)
            {
                last = recorded.Count;
                patience.CancelAfter(BuilderProcess.Patience);
            }
            if (patience.IsCancellationRequested)
            {
                Assert.Fail(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"never recorded: {string.Join(", ", jobs.Where(job => !recorded.ContainsKey(job)))}\n--- server\n{server?.Transcript}\n--- web\n{web?.Transcript}\n--- workers\n{string.Join("\n--- \n", workers.Select(worker => worker?.Transcript))}"
                    )
                );
            }
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public Task<(int ExitCode, string Output)> VerifyAsync() =>
        BuilderProcess.RunAsync(["db", "verify-data-dir", "--datadir", WebDirectory]);

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
        (var added, output) = await BuilderProcess.RunAsync(
            ["db", "user-add", User, "--unrestricted", "--datadir", WebDirectory],
            Password + "\n"
        );
        Assert.True(added == 0, output);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
