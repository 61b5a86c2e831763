using System.Text.Json;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>A schedule file asks for repetitions; server, worker and site carry them out, and a server that is killed goes on.</summary>
public sealed class RepetitionTests
{
    private const string Script = """
        #!/bin/sh
        mkdir bin; printf 'zone %s\n' "$(date +%z)" > bin/zone
        echo "TZ=$TZ" > build-environment; echo SOURCE_DATE_EPOCH=1700000000 >> build-environment
        echo gcc=12 > system-packages; echo sources > build-inputs
        echo "recorded: $(cat "$BUILDER_RECORDED/build-inputs" 2>/dev/null) $SOURCE_DATE_EPOCH"
        sleep 0.2
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_that_differs_in_another_time_zone_is_bisected_although_the_server_is_killed_again_and_again()
    {
        await using var farm = await FarmProcesses.StartAsync(workerCount: 1, "--extended");
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["zone.sh"], Script, Stop);
        await File.WriteAllTextAsync(
            directory["schedule.yaml"],
            $"""
            jobs:
              - name: zone
                platform: {FarmProcesses.Platform}
                script: zone.sh
                period: never
                rebuilds: 1
                vary: [timezone, umask, locale]
                bisect: true
            """,
            Stop
        );

        await farm.ClientAsync("apply", directory["schedule.yaml"]);
        for (var kills = 0; kills < 3; kills++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), Stop);
            await farm.KillServerAsync();
            await farm.StartServerAsync();
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(BuilderProcess.Patience);
        while (await FindingAsync(farm) is not "timezone")
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        Assert.Contains("recorded: sources 1700000000", string.Join('\n', farm.ConsoleLines()), StringComparison.Ordinal);
        using var info = JsonDocument.Parse(await farm.ClientAsync("info", "--json"));
        Assert.Empty(info.RootElement.GetProperty("repetitions").EnumerateArray());

        await farm.ClientAsync("repeat", "zone", "--vary", "none");

        // The build, the repetition that differs, two steps of the bisection, and this one.
        while ((await farm.RecordedAsync())["zone"] < 5)
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
    }

    /// <summary>What the site says that the bisection found; null while it says nothing.</summary>
    private static async Task<string?> FindingAsync(FarmProcesses farm)
    {
        using var job = JsonDocument.Parse(await JobAsync(farm));
        return job
            .RootElement.GetProperty("builds")
            .EnumerateArray()
            .Select(build =>
                build.TryGetProperty("repetitions", out var repetitions) && repetitions.TryGetProperty("finding", out var finding)
                    ? finding.GetString()
                    : null
            )
            .FirstOrDefault(finding => finding is not null);
    }

    private static async Task<string> JobAsync(FarmProcesses farm)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{farm.WebPort}/job/zone");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await http.SendAsync(request, Stop);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(Stop) : """{"builds":[]}""";
    }
}
