using System.Text.Json;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>Three installations on one machine: a farm with a site, and two rebuilders, one of which lies.</summary>
public sealed class RebuilderTests
{
    /// <summary>A package with the same bytes wherever it is built, and records of its inputs.</summary>
    private const string Script = """
        for name in build-inputs build-environment system-packages; do echo "recorded $name" > $name; done
        mkdir -p bin "$HOME/root/DEBIAN"
        printf 'Package: app\nVersion: 1.0.0\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDescription: app\n' > "$HOME/root/DEBIAN/control"
        find "$HOME/root" -exec touch -d @1700000000 {} +
        SOURCE_DATE_EPOCH=1700000000 dpkg-deb --root-owner-group --build "$HOME/root" bin/app.deb
        """;

    private const string Liar = """
        #!/bin/sh
        /usr/bin/dpkg-deb "$@" && printf lie >> bin/app.deb
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_package_waits_for_two_rebuilders_and_the_word_of_a_liar_counts_no_more()
    {
        Requirement.Programs("dpkg-deb", "gpg");
        await using var farm = await FarmProcesses.StartAsync(workerCount: 1, "--sandbox", "none");
        await farm.KillWebAsync();
        await SucceedAsync([
            "repo",
            "init",
            "--debian",
            "--key-type",
            "ed25519",
            .. Data(farm),
            "--configdir",
            farm.ConfigurationDirectory,
        ]);
        await farm.StartWebAsync();
        await ApplyAsync(farm);
        await farm.AllRecordedAsync(["app"]);
        var site = new Uri($"http://127.0.0.1:{farm.WebPort}");
        using var http = new HttpClient { BaseAddress = site };
        var build = await BuildAsync(http);

        // Nobody knows the keys yet: the results are kept, and sent again by the next run.
        Assert.Equal(1, (await RebuildAsync(farm, "ann")).ExitCode);
        var (exitCode, output) = await KilledAsync(farm, "eve");
        Assert.True(exitCode == 1, output);
        await RegisterAsync(farm, "ann");
        await RegisterAsync(farm, "eve");
        foreach (var name in (string[])["ann", "eve"])
        {
            (exitCode, output) = await RebuildAsync(farm, name);
            Assert.True(exitCode == 0, output);
            Assert.DoesNotContain("app on", output, StringComparison.Ordinal);
        }

        Assert.Contains("1 of 2 rebuilders agree", await http.GetStringAsync(build, Stop), StringComparison.Ordinal);
        await ShowsAsync(http, build, "not published yet: it waits for 2 independent rebuilders that come to the same bytes; 1 has");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await http.GetAsync($"{build}/f/bin/app.deb", Stop)).StatusCode);
        await farm.KillWebAsync();
        await farm.StartWebAsync();
        Assert.Contains("1 of 2 rebuilders agree", await http.GetStringAsync(build, Stop), StringComparison.Ordinal);

        await SucceedAsync(["db", "rebuilder-revoke", "eve", .. Data(farm)]);
        Assert.Contains("1 of 1 rebuilders agree", await http.GetStringAsync(build, Stop), StringComparison.Ordinal);
        (exitCode, output) = await RebuildAsync(farm, "bob");
        await RegisterAsync(farm, "bob");
        (exitCode, output) = await RebuildAsync(farm, "bob");
        Assert.True(exitCode == 0, output);

        Assert.Contains("2 of 2 rebuilders agree", await http.GetStringAsync(build, Stop), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync($"{build}/f/bin/app.deb", Stop)).StatusCode);
        await ShowsAsync(http, build, "apt-get install app");
    }

    /// <summary>The liar is killed while it builds, and started again.</summary>
    private static async Task<(int ExitCode, string Output)> KilledAsync(FarmProcesses farm, string name)
    {
        await using (var rebuilder = BuilderProcess.Start(Arguments(farm, name), LiarsPath(farm)))
        {
            await rebuilder.LineAsync(line => line.StartsWith("app on", StringComparison.Ordinal));
            await rebuilder.KillAsync();
        }
        return await RebuildAsync(farm, name);
    }

    private static async Task<(int ExitCode, string Output)> RebuildAsync(FarmProcesses farm, string name)
    {
        await using var rebuilder = BuilderProcess.Start(Arguments(farm, name), name == "eve" ? LiarsPath(farm) : []);
        var exitCode = await rebuilder.ExitAsync();
        return (exitCode, rebuilder.Transcript);
    }

    private static string[] Arguments(FarmProcesses farm, string name) =>
        ["rebuild", "--from", $"http://127.0.0.1:{farm.WebPort}", "--job", "a?p", "--once", "--sandbox", "none", "--state", farm[name]];

    /// <summary>Its own dpkg-deb adds to what it builds.</summary>
    private static KeyValuePair<string, string>[] LiarsPath(FarmProcesses farm)
    {
        var program = Path.Combine(farm["lies"], "dpkg-deb");
        if (!File.Exists(program))
        {
            Directory.CreateDirectory(farm["lies"]);
            File.WriteAllText(program, Liar);
            File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        }
        return [new("PATH", $"{farm["lies"]}:{Environment.GetEnvironmentVariable("PATH")}")];
    }

    private static Task RegisterAsync(FarmProcesses farm, string name) =>
        SucceedAsync(["db", "rebuilder-add", name, Path.Combine(farm[name], "key.pub"), .. Data(farm)]);

    private static async Task ApplyAsync(FarmProcesses farm)
    {
        await File.WriteAllTextAsync(farm["app.sh"], Script, Stop);
        await File.WriteAllTextAsync(
            farm["schedule.yaml"],
            $$"""
            jobs:
              - name: app
                platform: {{FarmProcesses.Platform}}
                script: app.sh
                period: daily
                publish: {when: reproduced, by: 2, independent: true}
            """,
            Stop
        );
        await farm.ClientAsync("apply", farm["schedule.yaml"]);
    }

    /// <returns>The path of the only build's page.</returns>
    private static async Task<string> BuildAsync(HttpClient http)
    {
        using var list = JsonDocument.Parse(await http.GetStringAsync("/rebuilders/builds", Stop));
        var build = Assert.Single(list.RootElement.GetProperty("builds").EnumerateArray());
        return $"/job/app/build/{build.GetProperty("uuid").GetString()}";
    }

    /// <summary>Waits for what is done in the background.</summary>
    private static async Task ShowsAsync(HttpClient http, string build, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var page = ""; !page.Contains(text, StringComparison.Ordinal); page = await http.GetStringAsync(build, Stop))
        {
            Assert.False(patience.IsCancellationRequested, page);
            await Task.Delay(50, Stop);
        }
    }

    private static string[] Data(FarmProcesses farm) => ["--datadir", farm.WebDirectory];

    private static async Task SucceedAsync(string[] arguments)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(arguments);
        Assert.True(exitCode == 0, output);
    }
}
