using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>What a hostile job reaches of a <c>builder up</c> as it comes. The same job without a sandbox shows that each of its attempts can succeed.</summary>
public sealed class UpIsolationTests
{
    private static readonly string[] Everything =
    [
        "password",
        "OpenPGP key",
        "database",
        "journal",
        "hook directory",
        "client socket",
        "worker socket",
        "site",
        "process",
    ];

    [Fact]
    public async Task A_job_of_a_default_up_reaches_neither_its_secrets_nor_its_sockets_nor_its_processes() =>
        Assert.Equal([], await ReachedAsync());

    [Fact]
    public async Task The_same_job_without_a_sandbox_reaches_all_of_it() =>
        Assert.Equal(Everything, await ReachedAsync("--sandbox", "none"));

    [Fact]
    public async Task Each_socket_lets_in_one_kind_of_peer_and_workers_need_the_key_of_this_start()
    {
        using var directory = new TemporaryDirectory();
        await using var up = BuilderProcess.Start("up", "--datadir", directory.Path, "--port", "0", "--workers", "0");
        await UpTests.AddressAsync(up);
        var (client, worker) = ($"unix:{directory["sockets/client.sock"]}", $"unix:{directory["sockets/worker.sock"]}");

        Assert.Equal(0, (await BuilderProcess.RunAsync(["client", "info", "-r", client])).ExitCode);
        await RefusedAsync("this socket is for workers, not for clients", "client", "info", "-r", worker);
        await RefusedAsync("this socket is for clients, not for workers", "worker", "p", "--extended", "-r", client);
        await RefusedAsync("this socket is for workers that have the key of this start", "worker", "p", "--extended", "-r", worker);
        await RefusedAsync("this socket is for workers that have the key of this start", "worker", "p", "-r", worker);
        await File.WriteAllTextAsync(directory["key"], new string('0', 64), TestContext.Current.CancellationToken);
        await RefusedAsync("the key is not known here, or was revoked", "worker", "p", "--key-file", directory["key"], "-r", worker);
        foreach (var path in (string[])["sockets", "sockets/client.sock", "upload-password", "server", "web", "config"])
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(directory[path]) & (UnixFileMode)0b000_000_111);
        Assert.Equal(UpTests.OwnerOnly, File.GetUnixFileMode(directory["sockets"]));
    }

    [Fact]
    public async Task Without_a_sandbox_only_the_samples_run_until_the_operator_says_sandbox_none()
    {
        using var directory = new TemporaryDirectory();
        var environment = new Dictionary<string, string> { ["PATH"] = WithoutBubblewrap(directory["bin"]) };
        await File.WriteAllTextAsync(directory["mine.sh"], "echo it ran\n", TestContext.Current.CancellationToken);
        string[] arguments = ["up", "--samples", "--datadir", directory["data"], "--port", "0", "--workers", "1"];
        var remote = $"unix:{directory["data/sockets/client.sock"]}";

        await using (var strict = BuilderProcess.Start([.. arguments, "--sandbox", "bubblewrap"], environment))
        {
            Assert.Equal(1, await strict.ExitAsync());
            Assert.Contains("there is no bwrap in PATH", strict.Transcript, StringComparison.Ordinal);
        }

        await using (var up = BuilderProcess.Start(arguments, environment))
        {
            await up.LineAsync(line => line.Contains("warning up: This machine cannot have a sandbox", StringComparison.Ordinal));
            using var http = new HttpClient { BaseAddress = await UpTests.AddressAsync(up) };
            await up.LineAsync(line => line.Contains("Protection  NONE, so only the sample jobs run", StringComparison.Ordinal));
            var platform = (await up.LineAsync(line => line.TrimStart().StartsWith("Send ", StringComparison.Ordinal))).Split(
                ' ',
                StringSplitOptions.RemoveEmptyEntries
            )[5];
            var (scheduled, said) = await BuilderProcess.RunAsync([
                "client",
                "-r",
                remote,
                "schedule",
                "mine",
                platform,
                directory["mine.sh"],
                "--period",
                "never",
            ]);
            Assert.True(scheduled == 0, said);
            await up.LineAsync(line => line.Contains("of job hello-deb uploaded", StringComparison.Ordinal));

            await WaitForAsync(http, "/health", "held jobs: 1 (This machine cannot have a sandbox");
            await WaitForAsync(http, "/health", "isolation none");
            await WaitForAsync(http, "/activity", "1 job is kept waiting");
            Assert.DoesNotContain("mine handed", up.Transcript, StringComparison.Ordinal);
            Assert.Equal(0, await up.TerminateAsync());
        }

        await using var again = BuilderProcess.Start([.. arguments, "--sandbox", "none"], environment);
        await again.LineAsync(line => line.Contains("warning up: jobs run without a sandbox", StringComparison.Ordinal));
        await again.LineAsync(line => line.Contains("of job mine uploaded", StringComparison.Ordinal));
    }

    /// <summary>What the job says that it reached.</summary>
    private static async Task<IReadOnlyList<string>> ReachedAsync(params string[] options)
    {
        using var directory = new TemporaryDirectory();
        await using var up = BuilderProcess.Start([
            "up",
            "--publish",
            "--datadir",
            directory.Path,
            "--port",
            "0",
            "--workers",
            "1",
            .. options,
        ]);
        var site = await UpTests.AddressAsync(up);
        var platform = (await up.LineAsync(line => line.TrimStart().StartsWith("Send ", StringComparison.Ordinal))).Split(
            ' ',
            StringSplitOptions.RemoveEmptyEntries
        )[5];
        await File.WriteAllTextAsync(
            directory["hostile.sh"],
            Script(directory.Path, site.Port, up.Id),
            TestContext.Current.CancellationToken
        );
        var (scheduled, said) = await BuilderProcess.RunAsync([
            "client",
            "-r",
            $"unix:{directory["sockets/client.sock"]}",
            "schedule",
            "hostile",
            platform,
            directory["hostile.sh"],
            "--period",
            "never",
        ]);
        Assert.True(scheduled == 0, said);
        await up.LineAsync(line => line.Contains("of job hostile uploaded", StringComparison.Ordinal));

        var console = Directory.EnumerateFiles(directory["web/hostile"], "console.txt", SearchOption.AllDirectories).Single();
        var lines = await File.ReadAllLinesAsync(console, TestContext.Current.CancellationToken);
        Assert.Contains(lines, line => line.EndsWith("all attempts made", StringComparison.Ordinal));
        // Its private /tmp may have had such a place of its own.
        Assert.Equal(options.Length > 0, File.Exists(directory["config/upload-hooks/planted.sh"]));
        return [.. lines.Where(line => line.Contains("reached: ", StringComparison.Ordinal)).Select(line => line.Split("reached: ")[1])];
    }

    private static string Script(string directory, int port, int process) =>
        $$"""
            data='{{directory}}'
            reached() { echo "reached: $1"; }
            connects() { perl -MIO::Socket::UNIX -e 'exit !IO::Socket::UNIX->new(Peer => $ARGV[0])' "$1" 2>/dev/null; }
            perl -e 'exit 0' || exit 1
            cat "$data/upload-password" >/dev/null 2>&1 && reached password
            ls "$data/config/repositories/debian/gnupg/private-keys-v1.d" 2>/dev/null | grep -q key && reached "OpenPGP key"
            head -c 1 "$data/web/builder.sqlite3" >/dev/null 2>&1 && reached database
            ls "$data/server/_journal" >/dev/null 2>&1 && reached journal
            if [ -d "$data/config" ]; then
              mkdir -p "$data/config/upload-hooks" && : > "$data/config/upload-hooks/planted.sh" && reached "hook directory"
            fi
            connects "$data/sockets/client.sock" && reached "client socket"
            connects "$data/sockets/worker.sock" && reached "worker socket"
            perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0])' {{port}} 2>/dev/null && reached site
            kill -0 {{process}} 2>/dev/null && grep -q up /proc/{{process}}/cmdline && reached process
            echo "all attempts made"
            """;

    private static async Task RefusedAsync(string reason, params string[] arguments)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(arguments);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }

    private static async Task WaitForAsync(HttpClient http, string path, string text)
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!(await http.GetStringAsync(path, patience.Token)).Contains(text, StringComparison.Ordinal))
            await timer.WaitForNextTickAsync(patience.Token);
    }

    /// <summary>All programs of this machine but bwrap, as a PATH.</summary>
    private static string WithoutBubblewrap(string path)
    {
        Directory.CreateDirectory(path);
        foreach (var program in Directory.EnumerateFiles("/usr/bin").Where(program => Path.GetFileName(program) != "bwrap"))
            File.CreateSymbolicLink(Path.Combine(path, Path.GetFileName(program)), program);
        return path;
    }
}
