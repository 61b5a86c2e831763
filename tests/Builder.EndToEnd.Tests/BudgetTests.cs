using System.Text.RegularExpressions;

namespace Builder.EndToEnd.Tests;

/// <summary>A budget in the schedule file: whoever observes a build over it is told, and its page says it.</summary>
public sealed partial class BudgetTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_over_the_budget_of_the_schedule_file_is_told_to_its_observer_and_on_its_page()
    {
        await using var farm = await FarmProcesses.StartAsync(workerCount: 1, "--sandbox", "none");
        var (content, go) = (farm["content"], farm["go"]);
        await File.WriteAllTextAsync(
            farm["sized.sh"],
            $"#!/bin/sh\nuntil [ -e {go} ]; do sleep 0.05; done\nrm {go}\nmkdir bin; cat {content} > bin/sized\n",
            Stop
        );
        await File.WriteAllTextAsync(
            farm["schedule.yaml"],
            $$"""
            jobs:
              - name: sized
                platform: {{FarmProcesses.Platform}}
                script: sized.sh
                period: never
                budget: {size: 10B, growth: 50%}
            """,
            Stop
        );

        await File.WriteAllTextAsync(content, "eight...", Stop);
        await farm.ClientAsync("apply", farm["schedule.yaml"]);
        var (_, first) = await ObserveAsync(farm, go);
        Assert.DoesNotContain("over budget", first, StringComparison.Ordinal);
        await farm.AllRecordedAsync(["sized"]);

        await File.WriteAllTextAsync(content, "sixteen.sixteen.", Stop);
        await farm.ClientAsync("execute", "sized");
        var (uuid, second) = await ObserveAsync(farm, go);

        Assert.Contains("over budget: size 16 bytes, budget 10\n", second, StringComparison.Ordinal);
        Assert.Contains("over budget: growth 100 %, budget 50 %", second, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{farm.WebPort}") };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(BuilderProcess.Patience);
        string page;
        while (!(page = await PageAsync(http, $"/job/sized/build/{uuid}", patience.Token)).Contains("growth 100", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        Assert.Contains("size 16 B, budget 10 B", page, StringComparison.Ordinal);
        Assert.Contains("over budget", await http.GetStringAsync("/?show=over-budget", Stop), StringComparison.Ordinal);
    }

    /// <summary>Observes the build that runs, and lets it end.</summary>
    private static async Task<(string Uuid, string Output)> ObserveAsync(FarmProcesses farm, string go)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(BuilderProcess.Patience);
        while ((await farm.RunningAsync()) == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        await using var observer = BuilderProcess.Start("client", "observe-latest", "-r", $"127.0.0.1:{farm.ServerPort}");
        var line = await observer.LineAsync(static line => line.StartsWith("build ", StringComparison.Ordinal));
        await File.WriteAllTextAsync(go, "", Stop);
        Assert.Equal(0, await observer.ExitAsync());
        return (Uuid().Match(line).Value, observer.Transcript + "\n");
    }

    private static async Task<string> PageAsync(HttpClient http, string address, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(address, cancellationToken);
        return await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    [GeneratedRegex("[0-9a-f-]{36}")]
    private static partial Regex Uuid();
}
