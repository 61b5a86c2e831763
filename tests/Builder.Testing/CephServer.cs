using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Builder.Objects.Credentials;
using Builder.Objects.Signing;

namespace Builder.Testing;

/// <summary>
/// A real S3-compatible object store of the tests' own: Ceph's monitor, one OSD that keeps objects in memory, and the gateway, on free ports of 127.0.0.1,
/// in a temporary directory. Started when first asked for, gone when the tests end.
/// </summary>
public sealed class CephServer : IAsyncDisposable
{
    /// <summary>What it consists of.</summary>
    public static IReadOnlyList<string> Programs { get; } =
    ["ceph-mon", "ceph-osd", "radosgw", "ceph", "radosgw-admin", "ceph-authtool", "monmaptool"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly SemaphoreSlim starting = new(1, 1);
    private readonly string directory = Directory.CreateTempSubdirectory("builder-ceph-").FullName;
    private readonly Dictionary<string, Process> running = [];
    private readonly HttpClient http = new();
    private bool isStarted;
    private int buckets;

    public AccessKey Key { get; } = new("TESTKEY", RandomNumberGenerator.GetHexString(40, lowercase: true));

    public Uri Endpoint { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>What programs need to use it.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = Key.Id,
            ["AWS_SECRET_ACCESS_KEY"] = Key.Secret,
            ["AWS_REGION"] = "us-east-1",
        };

    public int GatewayProcess => running["radosgw"].Id;

    /// <returns>The address of a new, empty bucket: <c>s3://…</c>.</returns>
    public async Task<string> CreateBucketAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        var name = string.Create(CultureInfo.InvariantCulture, $"test-{Interlocked.Increment(ref buckets)}");
        var nothing = Convert.ToHexStringLower(SHA256.HashData([]));
        var now = TimeProvider.System.GetUtcNow();
        var headers = new Dictionary<string, string>
        {
            ["host"] = Endpoint.Authority,
            ["x-amz-content-sha256"] = nothing,
            ["x-amz-date"] = RequestSigner.Time(now),
        };
        var authorization = new RequestSigner("us-east-1").Authorize("PUT", $"/{name}", [], headers, nothing, Key, now);
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(Endpoint, name));
        foreach (var (header, value) in headers.Append(new("Authorization", authorization)))
            request.Headers.TryAddWithoutValidation(header, value);
        using var response = await http.SendAsync(request, cancellationToken);
        return response.IsSuccessStatusCode
            ? AddressOf(name)
            : throw Failed($"a bucket: {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }

    /// <param name="endpoint">Another way to it, such as through a proxy.</param>
    public string AddressOf(string bucket, Uri? endpoint = null) =>
        $"s3://{bucket}?endpoint={(endpoint ?? Endpoint).GetLeftPart(UriPartial.Authority)}&region=us-east-1";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await starting.WaitAsync(cancellationToken);
        try
        {
            if (isStarted)
                return;
            await LaunchAsync(cancellationToken);
            isStarted = true;
        }
        finally
        {
            starting.Release();
        }
    }

    /// <summary>As by a power failure: what it has not answered yet is lost.</summary>
    public async Task KillGatewayAsync()
    {
        if (!running.Remove("radosgw", out var gateway))
            return;
        gateway.Kill();
        await gateway.WaitForExitAsync();
        gateway.Dispose();
    }

    /// <summary>At the same port as before, with all that was stored.</summary>
    public async Task StartGatewayAsync(CancellationToken cancellationToken)
    {
        Spawn("radosgw", ["-n", "client.rgw"]);
        await UntilAsync(
            "radosgw",
            async () => (await http.GetAsync(Endpoint, cancellationToken)).StatusCode != HttpStatusCode.ServiceUnavailable,
            cancellationToken
        );
    }

    /// <summary>The gateway takes connections and says nothing.</summary>
    public void PauseGateway() => Signal("STOP");

    public void ResumeGateway() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        foreach (var process in running.Values)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        http.Dispose();
        starting.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        var (monitor, gateway) = (FreePort(), FreePort());
        Endpoint = new Uri($"http://127.0.0.1:{gateway}");
        var identity = Guid.NewGuid().ToString();
        await File.WriteAllTextAsync(At("ceph.conf"), Configuration(identity, monitor), cancellationToken);
        // All keys are there before the monitor is made, so that it need not be asked for them.
        await KeyAsync("mon.", ["--cap", "mon", "allow *"], cancellationToken);
        await KeyAsync(
            "client.admin",
            ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"],
            cancellationToken
        );
        await KeyAsync("osd.0", ["--cap", "mon", "allow profile osd", "--cap", "osd", "allow *"], cancellationToken);
        await KeyAsync("client.rgw", ["--cap", "mon", "allow rw", "--cap", "osd", "allow rwx"], cancellationToken);
        await RunAsync(
            "monmaptool",
            ["--create", "--addv", "a", $"[v1:127.0.0.1:{monitor}]", "--fsid", identity, At("monmap")],
            cancellationToken
        );
        await RunAsync("ceph-mon", ["--mkfs", "-i", "a", "--monmap", At("monmap"), "--keyring", At("keyring")], cancellationToken);
        Spawn("ceph-mon", ["-i", "a"]);
        var osd = Guid.NewGuid().ToString();
        await RunAsync("ceph", ["osd", "new", osd], cancellationToken);
        await RunAsync("ceph-osd", ["-i", "0", "--mkfs", "--osd-uuid", osd], cancellationToken);
        Spawn("ceph-osd", ["-i", "0"]);
        await RunAsync(
            "radosgw-admin",
            [
                "-n",
                "client.rgw",
                "user",
                "create",
                "--uid=builder",
                "--display-name=builder",
                $"--access-key={Key.Id}",
                $"--secret-key={Key.Secret}",
            ],
            cancellationToken
        );
        await StartGatewayAsync(cancellationToken);
    }

    private string Configuration(string identity, int monitor) =>
        $"""
            [global]
            fsid = {identity}
            mon host = v1:127.0.0.1:{monitor}
            mon initial members = a
            public network = 127.0.0.0/8
            auth cluster required = cephx
            auth service required = cephx
            auth client required = cephx
            keyring = {At("keyring")}
            run dir = {directory}
            admin socket = {directory}/$name.asok
            log file = {directory}/$name.log
            pid file = {directory}/$name.pid
            crash dir = {directory}
            osd pool default size = 1
            osd pool default min size = 1
            osd pool default pg num = 4
            osd crush chooseleaf type = 0
            mon allow pool size one = true
            mon warn on pool no redundancy = false
            ms bind msgr2 = false
            [mon.a]
            mon data = {At("mon")}
            [osd]
            osd objectstore = memstore
            memstore device bytes = 4294967296
            osd data = {At("osd")}
            osd memory target = 939524096
            osd class load list = *
            osd class default list = *
            [client.rgw]
            rgw frontends = beast endpoint=127.0.0.1:{Endpoint.Port}
            rgw thread pool size = 64

            """;

    private Task KeyAsync(string name, string[] capabilities, CancellationToken cancellationToken) =>
        RunAsync(
            "ceph-authtool",
            [
                .. File.Exists(At("keyring")) ? Array.Empty<string>() : ["--create-keyring"],
                At("keyring"),
                "--gen-key",
                "-n",
                name,
                .. capabilities,
            ],
            cancellationToken,
            isConfigured: false
        );

    private string At(string name) => Path.Combine(directory, name);

    private void Spawn(string program, string[] arguments)
    {
        Directory.CreateDirectory(At("mon"));
        Directory.CreateDirectory(At("osd"));
        var process = Process.Start(
            Describe(program, ["-f", "--setuser", "root", "--setgroup", "root", .. arguments], isConfigured: true)
        )!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        running[program] = process;
    }

    private async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken, bool isConfigured = true)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var process = Process.Start(Describe(program, arguments, isConfigured))!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = await process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            if (process.ExitCode != 0)
                throw Failed($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}: {errors}{await output}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill();
            throw Failed($"{program} {string.Join(' ', arguments)} did not end within {Patience}");
        }
    }

    private ProcessStartInfo Describe(string program, string[] arguments, bool isConfigured)
    {
        var start = new ProcessStartInfo(program, isConfigured ? [.. arguments, "-c", At("ceph.conf")] : arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        start.Environment["CEPH_CONF"] = At("ceph.conf");
        return start;
    }

    private async Task UntilAsync(string program, Func<Task<bool>> isReady, CancellationToken cancellationToken)
    {
        var end = Stopwatch.StartNew();
        while (end.Elapsed < Patience)
        {
            if (running[program].HasExited)
                throw Failed($"{program} ended with exit code {running[program].ExitCode}");
            try
            {
                if (await isReady())
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(50, cancellationToken);
        }
        throw Failed($"{program} did not start within {Patience}");
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", GatewayProcess.ToString(CultureInfo.InvariantCulture)])!;
        kill.WaitForExit();
        if (kill.ExitCode != 0)
            throw Failed($"kill -{name}: exit code {kill.ExitCode}");
    }

    private InvalidOperationException Failed(string what)
    {
        var logs = Directory.Exists(directory)
            ? Directory
                .EnumerateFiles(directory, "*.log")
                .Select(path => $"{Path.GetFileName(path)}: {string.Join('\n', File.ReadLines(path).TakeLast(5))}")
            : [];
        return new InvalidOperationException($"Ceph: {what}\n{string.Join('\n', logs)}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
