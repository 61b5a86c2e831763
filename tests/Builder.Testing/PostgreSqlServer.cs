using System.Diagnostics;

namespace Builder.Testing;

/// <summary>
/// A PostgreSQL server of the tests' own, started when first asked for, on a socket in a temporary directory, gone when the tests end.
/// It does not run as root: where the tests do, it runs as the user <c>postgres</c>.
/// </summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    private const string User = "builder";

    private readonly SemaphoreSlim starting = new(1, 1);
    private readonly string directory = Directory.CreateTempSubdirectory("builder-pg-").FullName;
    private Process? server;
    private int databases;

    /// <summary>Where the programs are; null where PostgreSQL is not installed.</summary>
    public static string? ProgramDirectory { get; } = FindPrograms();

    /// <summary>The connection string of a new, empty database.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or does not start; the message has what it said.</exception>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        var name = $"test_{Interlocked.Increment(ref databases)}";
        await RunAsync("createdb", ["-h", directory, "-U", User, "-T", "template0", name], cancellationToken);
        return $"Host={directory};Username={User};Database={name};Maximum Pool Size=20";
    }

    /// <summary>Rows of a query in a database that <see cref="CreateDatabaseAsync"/> made; columns are separated by "|".</summary>
    public async Task<string[]> QueryAsync(string connection, string sql, CancellationToken cancellationToken)
    {
        var name = connection.Split(';').Single(static part => part.StartsWith("Database=", StringComparison.Ordinal))[
            "Database=".Length..
        ];
        var output = await RunAsync(
            "psql",
            ["-h", directory, "-U", User, "-At", "-v", "ON_ERROR_STOP=1", "-c", sql, name],
            cancellationToken
        );
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Where it does not run already; with what it held when it was stopped.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await starting.WaitAsync(cancellationToken);
        try
        {
            server ??= await LaunchAsync(cancellationToken);
        }
        finally
        {
            starting.Release();
        }
    }

    /// <summary>Without a word to those who are connected.</summary>
    public async Task StopAsync()
    {
        if (server is null)
            return;
        await RunAsync("pg_ctl", ["stop", "-D", Data, "-m", "immediate", "-w"], CancellationToken.None);
        await server.WaitForExitAsync();
        server.Dispose();
        server = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(directory, recursive: true);
        starting.Dispose();
    }

    private string Data => Path.Combine(directory, "data");

    private async Task<Process> LaunchAsync(CancellationToken cancellationToken)
    {
        if (Environment.IsPrivilegedProcess)
            await RunProgramAsync("chown", ["postgres", directory], cancellationToken);
        if (!Directory.Exists(Data))
            await RunAsync(
                "initdb",
                ["-D", Data, "-U", User, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"],
                cancellationToken
            );
        var process = Process.Start(
            Unprivileged(
                "postgres",
                ["-D", Data, "-k", directory, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200"]
            )
        )!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            said.Add(line.Data ?? "(it ended)");
            if (line.Data?.Contains("ready to accept connections", StringComparison.Ordinal) == true)
                ready.TrySetResult();
            else if (line.Data is null)
                ready.TrySetException(new InvalidOperationException($"PostgreSQL did not start: {string.Join('\n', said)}"));
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        await ready.Task.WaitAsync(cancellationToken);
        return process;
    }

    private static Task<string> RunAsync(string program, string[] arguments, CancellationToken cancellationToken) =>
        RunAsync(Unprivileged(program, arguments), cancellationToken);

    private static Task<string> RunProgramAsync(string program, string[] arguments, CancellationToken cancellationToken) =>
        RunAsync(Redirected(new ProcessStartInfo(program, arguments)), cancellationToken);

    private static async Task<string> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"{string.Join(' ', start.ArgumentList)}: exit code {process.ExitCode}: {errors}{await output}"
            );
        return await output;
    }

    private static ProcessStartInfo Unprivileged(string program, string[] arguments)
    {
        if (ProgramDirectory is null)
            throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql");
        var path = Path.Combine(ProgramDirectory, program);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = "/";
        return Redirected(start);
    }

    private static ProcessStartInfo Redirected(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return start;
    }

    private static string? FindPrograms()
    {
        var ofDebian = Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .EnumerateDirectories("/usr/lib/postgresql")
                .OrderByDescending(path => path.Length)
                .ThenByDescending(path => path, StringComparer.Ordinal)
                .Select(path => Path.Combine(path, "bin"))
            : [];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return ofDebian.Concat(onPath).FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")));
    }
}
