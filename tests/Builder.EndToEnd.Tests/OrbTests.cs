using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Builder.Proof.Keys;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>opam packages, built by the stock opam and OCaml of the system through a farm, and built again by a stranger.</summary>
public sealed class OrbTests
{
    /// <summary>The same in each build, since it is recorded. In a sandbox it is another directory for each.</summary>
    private const string Root = "/tmp/builder-orb-test";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_package_gets_verdict_graph_and_list_of_components_and_anybody_builds_it_again()
    {
        Requirement.Programs("opam", "ocamlopt", "bwrap", "curl", "git");
        using var directory = new TemporaryDirectory();
        await using var sources = await OpamSources.StartAsync();
        var sandbox = await SandboxAsync();
        await using var farm = await FarmProcesses.StartAsync(1, sandbox);
        foreach (var package in (string[])["greet", "clock"])
            await farm.ScheduleAsync(package, Script(sources, package));
        await RecordedAsync(farm, 1);
        foreach (var package in (string[])["greet", "clock"])
            await farm.ClientAsync("execute", package);
        await RecordedAsync(farm, 2);
        using var site = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{farm.WebPort}") };

        var greet = await BuildsAsync(site, "greet");
        var page = await site.GetStringAsync($"/job/greet/build/{greet[0]}", Stop);
        Assert.Contains("Reproduced by 1 build", page, StringComparison.Ordinal);
        Assert.Contains($"builder reproduce http://127.0.0.1:{farm.WebPort}/job/greet/build/{greet[0]}", page, StringComparison.Ordinal);
        Assert.Contains(
            "greet-lib",
            await site.GetStringAsync($"/job/greet/build/{greet[0]}/vizdependencies", Stop),
            StringComparison.Ordinal
        );
        var components = await site.GetStringAsync($"/job/greet/build/{greet[0]}/sbom.cdx.json", Stop);
        Assert.Contains("pkg:opam/greet-lib@1.0", components, StringComparison.Ordinal);
        var clock = await BuildsAsync(site, "clock");
        Assert.Contains("stamp", await site.GetStringAsync($"/job/clock/build/{clock[0]}/f/opam-switch", Stop), StringComparison.Ordinal);
        await ShownAsync(site, $"/compare/{clock[1]}/{clock[0]}?difference", "timestamp");

        foreach (
            var (package, build, exitCode, said) in ((string, string, int, string)[])
                [("greet", greet[0], 0, "reproduced: the same bytes"), ("clock", clock[0], 1, "timestamp")]
        )
        {
            var url = $"http://127.0.0.1:{farm.WebPort}/job/{package}/build/{build}";
            var (code, output) = await BuilderProcess.RunAsync(["reproduce", url, .. sandbox]);
            Assert.True(code == exitCode, $"{code}: {output}");
            Assert.Contains(said, output, StringComparison.Ordinal);
            await ExtractAsync($"{url}/all.tar.gz", directory[package]);
            (code, output) = await BuilderProcess.RunAsync(["orb", "rebuild", "--disable-sandboxing", directory[package]]);
            Assert.True(code == exitCode, $"{code}: {output}");
            Assert.Contains(said.Split(':')[0], output, StringComparison.Ordinal);
        }
        Assert.False(Path.Exists(Root));

        using (var key = Ed25519SigningKey.Generate())
        {
            await File.WriteAllTextAsync(directory["key.pub"], key.PublicKey.ToPem(), Stop);
            await using (
                var file = new FileStream(
                    directory["key.pem"],
                    new FileStreamOptions
                    {
                        Mode = FileMode.CreateNew,
                        Access = FileAccess.Write,
                        UnixCreateMode = UnixFileMode.UserRead,
                    }
                )
            )
            await using (var writer = new StreamWriter(file))
                await writer.WriteAsync(key.ToPem());
        }
        await BuilderProcess.RunAsync(["db", "rebuilder-add", "stranger", directory["key.pub"], "--datadir", farm.WebDirectory]);
        var (attested, answer) = await BuilderProcess.RunAsync([
            "reproduce",
            $"http://127.0.0.1:{farm.WebPort}/job/greet/build/{greet[0]}",
            "--attest",
            "--key",
            directory["key.pem"],
            .. sandbox,
        ]);
        Assert.True(attested == 0 && answer.Contains("attested with key SHA256:", StringComparison.Ordinal), answer);
        page = await site.GetStringAsync($"/job/greet/build/{greet[0]}", Stop);
        Assert.Contains("1 of 1 rebuilders agree", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unikernel_is_prepared_and_its_vendored_sources_are_recorded_and_fetched_again()
    {
        Requirement.Programs("opam", "ocamlopt", "curl");
        using var directory = new TemporaryDirectory();
        await using var sources = await OpamSources.StartAsync();

        var (code, output) = await BuildAsync(sources, directory, "uni", "--twice");

        Assert.True(code == 0, output);
        Assert.Contains("reproduced: 1 files, the same bytes", output, StringComparison.Ordinal);
        var export = await File.ReadAllTextAsync(directory["out/opam-switch"], Stop);
        Assert.Contains("x-opam-monorepo-duniverse-dirs", export, StringComparison.Ordinal);
        Assert.Contains($"src: \"{sources.Address}/uni.tar.gz\"", export, StringComparison.Ordinal);
        using var unikernel = Process.Start(new ProcessStartInfo(directory["out/bin/uni"]) { RedirectStandardOutput = true })!;
        Assert.Equal("hello hvt\n", await unikernel.StandardOutput.ReadToEndAsync(Stop));
    }

    [Fact]
    public async Task A_build_that_fails_still_says_what_it_was_made_from()
    {
        Requirement.Programs("opam", "ocamlopt");
        using var directory = new TemporaryDirectory();
        await using var sources = await OpamSources.StartAsync();

        var (code, output) = await BuildAsync(sources, directory, "broken");

        Assert.True(code == 1, $"{code}: {output}");
        Assert.Equal(
            ["build-environment", "opam-switch", "system-packages"],
            Directory.EnumerateFileSystemEntries(directory["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Contains("ocaml-system.4.0", await File.ReadAllTextAsync(directory["out/opam-switch"], Stop), StringComparison.Ordinal);
        Assert.Contains(
            $"PREFIX={directory["root/build"]}\n",
            await File.ReadAllTextAsync(directory["out/build-environment"], Stop),
            StringComparison.Ordinal
        );
    }

    private static Task<(int ExitCode, string Output)> BuildAsync(
        OpamSources sources,
        TemporaryDirectory directory,
        string package,
        params IEnumerable<string> more
    ) =>
        BuilderProcess.RunAsync([
            "orb",
            "build",
            "--disable-sandboxing",
            "--skip-system",
            "--date=1700000000",
            $"--repos=default:{sources.Address}",
            $"--switch-name={directory["root/build"]}",
            $"--out={directory["out"]}",
            .. more,
            package,
        ]);

    private static string Script(OpamSources sources, string package) =>
        $"""
            set -ex
            {BuilderProcess.Executable} orb build --disable-sandboxing --skip-system --date=1700000000 \
              --switch-name={Root}/build --repos=default:{sources.Address} --out=. {package}
            rm -rf {Root}
            """;

    /// <summary>
    /// The worker's sandbox, with this program in it. Where other users cannot get to the program, the job of a worker that is root cannot
    /// either: then there is none.
    /// </summary>
    private static async Task<string[]> SandboxAsync()
    {
        var program = Path.GetDirectoryName(BuilderProcess.Executable)!;
        var isVisible = true;
        for (var directory = program; directory is not null; directory = Path.GetDirectoryName(directory))
            isVisible &= File.GetUnixFileMode(directory).HasFlag(UnixFileMode.OtherExecute);
        var (code, _) = await BuilderProcess.RunAsync(["worker", "--check"]);
        return isVisible && code is 0 or 4 ? ["--sandbox", "bubblewrap", "--network", "host", "--show", program] : ["--sandbox", "none"];
    }

    private static async Task RecordedAsync(FarmProcesses farm, long builds)
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(patience.Token))
        {
            var recorded = await farm.RecordedAsync();
            if (recorded.Count == 2 && recorded.Values.All(count => count >= builds))
                return;
        }
    }

    /// <summary>A difference is computed in the background; the page says so until it is there.</summary>
    private static async Task ShownAsync(HttpClient site, string address, string text)
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!(await site.GetStringAsync(address, patience.Token)).Contains(text, StringComparison.Ordinal))
            await timer.WaitForNextTickAsync(patience.Token);
    }

    /// <summary>The uuids of a job's successful builds, the latest first.</summary>
    private static async Task<IReadOnlyList<string>> BuildsAsync(HttpClient site, string job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/job/{job}/");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await site.SendAsync(request, Stop);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Stop));
        return [.. json.RootElement.GetProperty("builds").EnumerateArray().Select(static build => build.GetProperty("uuid").GetString()!)];
    }

    private static async Task ExtractAsync(string url, string directory)
    {
        Directory.CreateDirectory(directory);
        using var http = new HttpClient();
        await using var archive = await http.GetStreamAsync(url, Stop);
        await using var unpacked = new System.IO.Compression.GZipStream(archive, System.IO.Compression.CompressionMode.Decompress);
        await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(unpacked, directory, overwriteFiles: false, Stop);
    }
}
