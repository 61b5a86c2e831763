using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Builder.Proof.Keys;
using Builder.Proof.Statements;
using Builder.Testing;
using Microsoft.Playwright;

namespace Builder.EndToEnd.Tests;

public sealed class UpTests
{
    internal const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Fact]
    public async Task Up_with_samples_shows_each_verdict_in_the_browser_and_goes_on_after_a_restart()
    {
        using var directory = new TemporaryDirectory();
        string[] arguments = ["up", "--samples", "--datadir", directory.Path, "--port", "0", "--workers", "2"];
        await using (var up = BuilderProcess.Start(arguments))
        {
            var site = await AddressAsync(up);
            await up.LineAsync(line => line.Contains("all samples are built", StringComparison.Ordinal));

            await CheckVerdictsAsync(site);
            await CheckReasonAsync(site);
            await CheckDownloadAsync(site);
            await CheckProofAsync(site, directory.Path);
            Assert.Equal(0, await up.InterruptAsync());
        }

        await using (var again = BuilderProcess.Start(arguments))
        {
            var site = await AddressAsync(again);
            await again.LineAsync(line => line.Contains("all samples are built", StringComparison.Ordinal));
            Assert.DoesNotContain("is scheduled", again.Transcript, StringComparison.Ordinal);
            await CheckVerdictsAsync(site);
        }
    }

    [Fact]
    public async Task A_second_one_on_the_same_directory_is_told_why_it_cannot_start()
    {
        using var directory = new TemporaryDirectory();
        string[] arguments = ["up", "--datadir", directory.Path, "--port", "0", "--workers", "0"];
        await using var first = BuilderProcess.Start(arguments);
        var site = await AddressAsync(first);
        await first.LineAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal));

        var (exitCode, output) = await BuilderProcess.RunAsync(arguments);

        Assert.Equal(1, exitCode);
        Assert.Contains(
            $"builder: {directory.Path} is in use by another \"builder up\" (pid {first.Id}, {site}); end that one, or use --datadir",
            output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Two_on_directories_of_their_own_run_side_by_side_and_a_port_that_is_taken_is_said_by_whom()
    {
        using var directories = new TemporaryDirectory();
        await using var first = BuilderProcess.Start("up", "--datadir", directories["1"], "--workers", "0");
        var site = await AddressAsync(first);
        await using var second = BuilderProcess.Start("up", "--datadir", directories["2"], "--workers", "0");
        Assert.NotEqual(site, await AddressAsync(second));
        await File.WriteAllTextAsync(directories["job.sh"], "true\n", TestContext.Current.CancellationToken);
        foreach (var (directory, job) in ((string, string)[])[("1", "same-name"), ("2", "same-name")])
        {
            var (exitCode, said) = await BuilderProcess.RunAsync([
                "client",
                "-r",
                $"unix:{directories[$"{directory}/sockets/client.sock"]}",
                "schedule",
                job,
                "p",
                directories["job.sh"],
            ]);
            Assert.True(exitCode == 0, said);
        }

        var (failed, output) = await BuilderProcess.RunAsync([
            "up",
            "--datadir",
            directories["3"],
            "--workers",
            "0",
            "--port",
            $"{site.Port}",
        ]);

        Assert.Equal(1, failed);
        Assert.Contains(
            $"port {site.Port} on 127.0.0.1 is in use by another program (pid {first.Id}, builder); use --port to choose another port",
            output,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_one_is_started_again_over_its_sockets_and_clients_find_it_by_themselves()
    {
        using var directory = new TemporaryDirectory();
        var environment = new Dictionary<string, string> { ["XDG_DATA_HOME"] = directory.Path };
        for (var start = 0; start < 2; start++)
        {
            await using var up = BuilderProcess.Start(["up", "--port", "0", "--workers", "1"], environment);
            await AddressAsync(up);
            await using (var client = BuilderProcess.Start(["client", "info"], environment))
                Assert.True(await client.ExitAsync() == 0, client.Transcript);
            await up.LineAsync(line => line.Contains("waiting for jobs", StringComparison.Ordinal));
            await up.KillAsync();
        }
        Assert.True(File.Exists(directory["builder/sockets/client.sock"]));
        await using var nobody = BuilderProcess.Start(["client", "info"], environment);
        await nobody.ExitAsync();
        Assert.DoesNotContain("client.sock", nobody.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_of_the_original_get_in_by_a_port_that_is_asked_for_with_a_warning()
    {
        using var directory = new TemporaryDirectory();
        await using var up = BuilderProcess.Start("up", "--datadir", directory.Path, "--port", "0", "--server-port", "0", "--workers", "0");
        var warning = await up.LineAsync(line => line.Contains("lets every program of this machine in", StringComparison.Ordinal));
        var port = warning.Split("port ")[1].Split(' ')[0];
        Assert.Equal(0, (await BuilderProcess.RunAsync(["client", "info", "-r", $"127.0.0.1:{port}"])).ExitCode);
    }

    [Fact]
    public async Task Ending_is_never_an_error_however_far_the_start_has_come()
    {
        using var directory = new TemporaryDirectory();
        string[] arguments = ["up", "--samples", "--datadir", directory.Path, "--port", "0", "--workers", "1"];
        // The first one shows which lines there are to end at; the others end at each of them, and a little after.
        string[] moments =
        [
            "new tables",
            "18 -> 19",
            "journal read",
            "client.sock",
            "worker.sock",
            "Open ",
            "is scheduled",
            "waiting for jobs",
            "handed to",
            "started",
        ];
        foreach (var (moment, signal) in moments.Select((moment, index) => (moment, index)))
        {
            Directory.Delete(directory.Path, recursive: true);
            await using var up = BuilderProcess.Start(arguments);
            await up.LineAsync(line => line.Contains(moment, StringComparison.Ordinal));
            var exitCode = signal % 2 == 0 ? await up.TerminateAsync() : await up.InterruptAsync();
            Assert.True(exitCode == 0, $"ended at \"{moment}\" with {exitCode}:\n{up.Transcript}");
            Assert.DoesNotContain(
                up.Transcript.Split('\n'),
                line =>
                    line.Contains(" error ", StringComparison.Ordinal)
                    || line.Contains("Exception", StringComparison.Ordinal)
                    || line.StartsWith("   at ", StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public async Task Up_with_publish_sets_a_repository_up_once_and_leads_to_it()
    {
        using var directory = new TemporaryDirectory();
        string[] arguments = ["up", "--publish", "when=reproduced", "--datadir", directory.Path, "--port", "0", "--workers", "0"];
        string? key = null;
        for (var start = 0; start < 2; start++)
        {
            await using var up = BuilderProcess.Start(arguments);
            using var http = new HttpClient { BaseAddress = await AddressAsync(up) };
            Assert.Contains(
                "<a href=\"/apt\">Packages</a>",
                await http.GetStringAsync("/", TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
            Assert.Contains(
                "Nothing is published yet",
                await http.GetStringAsync("/apt", TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
            var served = await http.GetStringAsync("/apt/key.asc", TestContext.Current.CancellationToken);
            Assert.StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----", served, StringComparison.Ordinal);
            Assert.Equal(key ?? served, served);
            key = served;
            Assert.Equal(0, await up.InterruptAsync());
        }
        var settings = await File.ReadAllTextAsync(
            Path.Combine(directory.Path, "config", "repositories", "debian", "repository.conf"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains("publish-when = reproduced", settings, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_worker_outlives_a_killed_up()
    {
        using var directory = new TemporaryDirectory();
        await using var up = BuilderProcess.Start("up", "--datadir", directory.Path, "--port", "0", "--workers", "1");
        await AddressAsync(up);
        await up.LineAsync(line => line.Contains("waiting for jobs", StringComparison.Ordinal));
        var worker = await ChildOfAsync(up.Id);

        await up.KillAsync();

        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (Directory.Exists($"/proc/{worker}"))
            await timer.WaitForNextTickAsync(patience.Token);
    }

    private static async Task CheckVerdictsAsync(Uri site)
    {
        await using var browser = await Browser.LaunchAsync();
        var home = await browser.OpenAsync(site.ToString());
        await Browser.KeepAsync(home, "up-home");
        foreach (
            var (job, verdict) in ((string, string)[])
                [
                    ("hello-deb", "reproduced"),
                    ("clock-deb", "not reproducible"),
                    ("failing-test", "failed"),
                    ("half-a-minute", "built once"),
                ]
        )
            await Assertions.Expect(home.Locator("tr", new PageLocatorOptions { HasText = job }).First).ToContainTextAsync(verdict);

        var build = await browser.OpenAsync(new Uri(site, "/job/hello-deb/build/latest").ToString());
        await Assertions.Expect(build.Locator("main")).ToContainTextAsync("reproduced by 1 build");
        await Browser.KeepAsync(build, "up-build");

        var failures = await browser.OpenAsync(new Uri(site, "/failed-builds").ToString());
        await Assertions.Expect(failures.Locator("main")).ToContainTextAsync("failing-test");
        await Browser.KeepAsync(failures, "up-failures");
    }

    /// <summary>The job that writes the time into its package is told so on all pages. The reason follows the second build; whoever is early loads again.</summary>
    private static async Task CheckReasonAsync(Uri site)
    {
        await using var browser = await Browser.LaunchAsync();
        const string place = "usr/share/clock-proof/built-at";
        foreach (
            var (name, address, expected) in ((string, string, string)[])
                [
                    ("home", "/", $"build time in {place}"),
                    ("job", "/job/clock-deb", $"build time in {place}"),
                    ("build", "/job/clock-deb/build/latest", $"build time in {place}"),
                    ("failures", "/failed-builds", place),
                ]
        )
        {
            var page = await browser.OpenAsync(new Uri(site, address).ToString());
            using var patience = new CancellationTokenSource(BuilderProcess.Patience);
            while ((await page.Locator("main").InnerTextAsync()).Contains("looking for the reason", StringComparison.Ordinal))
            {
                patience.Token.ThrowIfCancellationRequested();
                await page.ReloadAsync();
            }
            await Assertions.Expect(page.Locator("main")).ToContainTextAsync(expected);
            await Browser.KeepAsync(page, $"up-reason-{name}");
        }
    }

    /// <summary>A build made here has provenance of the sandbox that it had, signed by a key of the site and proven to be in its log; keys are for their owner alone.</summary>
    private static async Task CheckProofAsync(Uri site, string directory)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = site };
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        using var latest = await http.GetAsync(new Uri("/job/hello-deb/build/latest", UriKind.Relative), patience.Token);
        var build = latest.Headers.Location!.OriginalString;
        HttpResponseMessage answer;
        while (
            (answer = await http.GetAsync(new Uri($"{build}/provenance.sigstore.json", UriKind.Relative), patience.Token)).StatusCode
            != System.Net.HttpStatusCode.OK
        )
            answer.Dispose();
        using (answer)
        {
            var bundle = SigstoreBundle.Parse(await answer.Content.ReadAsByteArrayAsync(patience.Token));
            var keys = DsseEnvelope.Parse(
                await http.GetByteArrayAsync(new Uri("/.well-known/builder-keys.json", UriKind.Relative), patience.Token)
            );
            var key = KeyList.Parse(keys.Payload).Keys.Single(key => key.Use == KeyUse.Statements).Key;
            Assert.True(keys.IsSignedBy(key));
            Assert.True(bundle.Envelope.IsSignedBy(key));
            var provenance = SlsaProvenance.Read(InTotoStatement.Parse(bundle.Envelope.Payload));
            Assert.Matches("^http://localhost/builders/(sandboxed|sandboxed-shared-proc|unsandboxed)$", provenance.BuilderId);
            Assert.Equal(("hello-deb", build[(build.LastIndexOf('/') + 1)..]), (provenance.External.Job, provenance.InvocationId));
        }
        foreach (var file in Directory.EnumerateFiles(Path.Combine(directory, "signer", "keys")))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    /// <summary>What is offered for download has the hash that the build's JSON and its ETag claim, and /hash finds it.</summary>
    private static async Task CheckDownloadAsync(Uri site)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = site };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var cancellation = TestContext.Current.CancellationToken;
        using var job = JsonDocument.Parse(await http.GetStringAsync(new Uri("/job/hello-deb", UriKind.Relative), cancellation));
        var latest = job.RootElement.GetProperty("builds")[0];
        var uuid = latest.GetProperty("uuid").GetString();
        var sha256 = latest.GetProperty("main_binary").GetProperty("sha256").GetString();

        var bytes = await http.GetByteArrayAsync(
            new Uri($"/job/hello-deb/build/{uuid}/f/bin/hello-proof.deb", UriKind.Relative),
            cancellation
        );
        using var found = await http.GetAsync(new Uri($"/hash?sha256={sha256}", UriKind.Relative), cancellation);

        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        Assert.Equal(302, (int)found.StatusCode);
        Assert.StartsWith("/job/hello-deb/build/", found.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    internal static async Task<Uri> AddressAsync(BuilderProcess up)
    {
        var line = await up.LineAsync(line => line.TrimStart().StartsWith("Open ", StringComparison.Ordinal));
        return new Uri(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    private static async Task<int> ChildOfAsync(int parent)
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            // The kernel lists them by the thread that started them (proc(5)).
            foreach (var thread in Directory.EnumerateDirectories($"/proc/{parent}/task"))
            {
                var children = await File.ReadAllTextAsync(Path.Combine(thread, "children"), patience.Token);
                if (children.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var child, ..])
                    return int.Parse(child, System.Globalization.CultureInfo.InvariantCulture);
            }
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }
}
