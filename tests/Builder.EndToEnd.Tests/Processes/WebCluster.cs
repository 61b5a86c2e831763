using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Builder.Testing;

namespace Builder.EndToEnd.Tests.Processes;

/// <summary>Three web processes on one PostgreSQL database and one data directory, behind a balancer.</summary>
internal sealed class WebCluster : IAsyncDisposable
{
    public const int Count = 3;

    /// <summary>After so long another process takes over; the shortest there is.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    private readonly TemporaryDirectory directory = new();
    private readonly BuilderProcess?[] processes = new BuilderProcess?[Count];
    private readonly Uri?[] addresses = new Uri?[Count];
    private readonly Uri?[] operations = new Uri?[Count];
    private readonly PostgreSqlServer server;
    private readonly string database;
    private readonly string[] data;
    private readonly RoundRobinProxy proxy;
    private readonly HttpClient http;

    private WebCluster(PostgreSqlServer server, string database)
    {
        this.server = server;
        this.database = database;
        data = ["--datadir", directory["web"], "--database", database];
        proxy = new RoundRobinProxy(Count, number => addresses[number]);
        // No connection is used twice: each request goes to another process than the one before.
        http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseCookies = false });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes("farm:secret"))
        );
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public string Staging => directory["web/_staging"];

    public Uri Balancer => proxy.Address;

    /// <param name="configure">Writes the configuration directory.</param>
    public static async Task<WebCluster> StartAsync(PostgreSqlServer server, Func<string, Task>? configure = null)
    {
        Requirement.PostgreSql();
        var cluster = new WebCluster(server, await server.CreateDatabaseAsync(Stop));
        Directory.CreateDirectory(cluster.directory["config"]);
        if (configure is not null)
            await configure(cluster.directory["config"]);
        await cluster.RunAsync("db", "migrate");
        await cluster.RunAsync(["db", "user-add", "farm", "--unrestricted"], "secret\n");
        // All at once: each makes the tables that are missing.
        await Task.WhenAll(Enumerable.Range(0, Count).Select(cluster.StartProcessAsync));
        return cluster;
    }

    public BuilderProcess Process(int number) => processes[number]!;

    public Uri Address(int number) => addresses[number]!;

    public Uri Operations(int number) => operations[number]!;

    public async Task StartProcessAsync(int number)
    {
        var web = BuilderProcess.Start([
            "web",
            "--port",
            "0",
            "--metrics",
            "0",
            "--lease-time",
            $"{Lease.TotalSeconds}",
            "--configdir",
            directory["config"],
            .. data,
        ]);
        processes[number] = web;
        var address = await AddressAsync(web, "listening on ");
        operations[number] = await AddressAsync(web, "health on ");
        addresses[number] = address;
    }

    public async Task KillAsync(int number)
    {
        addresses[number] = null;
        await processes[number]!.KillAsync();
    }

    /// <summary>SIGSTOP. The balancer leaves it out, as it does not answer.</summary>
    public async Task FreezeAsync(int number)
    {
        addresses[number] = null;
        await SignalAsync(number, "STOP");
    }

    /// <summary>SIGCONT: it goes on where it was.</summary>
    public Task ThawAsync(int number) => SignalAsync(number, "CONT");

    private async Task SignalAsync(int number, string name)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{name}", $"{processes[number]!.Id}"]);
        await kill.WaitForExitAsync(Stop);
    }

    public async Task<string> RunAsync(params string[] arguments) => await RunAsync(arguments, "");

    /// <summary>What a command prints, which must succeed.</summary>
    public async Task<string> RunAsync(string[] arguments, string input)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync([.. arguments, .. data], input);
        Assert.True(exitCode == 0, output);
        return output;
    }

    /// <summary>Rows of a query, columns separated by "|".</summary>
    public Task<string[]> QueryAsync(string sql) => server.QueryAsync(database, sql, Stop);

    /// <summary>Through the balancer, until it is stored. Returns the answers on the way there.</summary>
    public async Task<List<HttpStatusCode?>> UploadAsync(byte[] exec)
    {
        var answers = new List<HttpStatusCode?>();
        while (true)
        {
            var answer = await TryUploadAsync(Balancer, exec);
            answers.Add(answer);
            if (answer is HttpStatusCode.Created or HttpStatusCode.Conflict)
                return answers;
            Assert.True(
                answer is null or HttpStatusCode.ServiceUnavailable,
                $"a retry does not fix {answer}; so far {string.Join(", ", answers)}"
            );
            await Task.Delay(50, Stop);
        }
    }

    /// <summary>Null where no answer came.</summary>
    public async Task<HttpStatusCode?> TryUploadAsync(Uri site, byte[] exec)
    {
        try
        {
            using var body = new ByteArrayContent(exec);
            using var answer = await http.PostAsync(new Uri(site, "/upload"), body, Stop);
            return answer.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return null;
        }
    }

    /// <summary>Through the balancer; errors that a retry fixes are retried.</summary>
    public async Task<(HttpStatusCode Status, byte[] Body)> GetAsync(string path)
    {
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(Balancer, path), Stop);
                var body = await answer.Content.ReadAsByteArrayAsync(Stop);
                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                    return (answer.StatusCode, body);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // The process was killed in the middle: the next one answers.
            }
            await Task.Delay(20, Stop);
        }
    }

    public async Task<string> TextAsync(Uri site, string path)
    {
        using var answer = await http.GetAsync(new Uri(site, path), Stop);
        return await answer.Content.ReadAsStringAsync(Stop);
    }

    /// <summary>Waits until a query has this answer.</summary>
    public async Task UntilAsync(string sql, string expected)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(BuilderProcess.Patience);
        var last = "";
        while ((last = string.Join('\n', await QueryAsync(sql))) != expected)
        {
            if (patience.IsCancellationRequested)
                Assert.Fail($"{sql} still answers \"{last}\", not \"{expected}\"");
            await Task.Delay(100, Stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await proxy.DisposeAsync();
        foreach (var process in processes.OfType<BuilderProcess>())
            await process.DisposeAsync();
        directory.Dispose();
    }

    private static async Task<Uri> AddressAsync(BuilderProcess web, string before)
    {
        var line = await web.LineAsync(line => line.Contains(before, StringComparison.Ordinal));
        return new Uri(line[(line.IndexOf(before, StringComparison.Ordinal) + before.Length)..]);
    }
}
