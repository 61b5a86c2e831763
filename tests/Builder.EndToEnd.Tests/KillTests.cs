using System.Globalization;

namespace Builder.EndToEnd.Tests;

/// <summary>
/// SIGKILL to server, web or a worker at random moments while jobs are scheduled, run, sent and uploaded. A short run here;
/// <c>BUILDER_KILL_ROUNDS</c> and <c>BUILDER_KILL_SEED</c> make it long or another one.
/// </summary>
public sealed class KillTests
{
    /// <summary>Takes about as long as the moments that are drawn, prints, and leaves a file that no other run would leave.</summary>
    private const string Script =
        """
        for i in 1 2 3 4 5; do echo "line $i"; sleep 0.05; done
        mkdir bin
        cat /proc/sys/kernel/random/uuid > bin/result
        head -c 300000 /dev/zero > padding
        """;

    private static readonly TimeSpan LongestMoment = TimeSpan.FromMilliseconds(900);

    [Fact]
    public async Task Whoever_is_killed_whenever_each_build_is_recorded_exactly_once()
    {
        var rounds = FromEnvironment("BUILDER_KILL_ROUNDS", 18);
        var seed = FromEnvironment("BUILDER_KILL_SEED", 20261122);
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}, {rounds} rounds");
        await using var farm = await FarmProcesses.StartAsync(workerCount: 2);
        var jobs = new List<string>();

        for (var round = 0; round < rounds; round++)
        {
            var job = string.Create(CultureInfo.InvariantCulture, $"job-{round}");
            jobs.Add(job);
            var scheduled = farm.ScheduleAsync(job, Script);
            var moment = random.NextDouble() * LongestMoment;
            await Task.Delay(moment, TestContext.Current.CancellationToken);
            await KillAndRestartAsync(farm, random.Next(3), random.Next(farm.WorkerCount));
            await scheduled;
        }

        await farm.AllRecordedAsync(jobs);
        var recorded = await farm.RecordedAsync();
        Assert.All(jobs, job => Assert.Equal(1, recorded[job]));
        var info = await farm.ClientAsync("info", "--json");
        Assert.Contains("\"running\":[]", info.Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var (verified, findings) = await farm.VerifyAsync();
        Assert.True(verified == 0, findings);
    }

    private static async Task KillAndRestartAsync(FarmProcesses farm, int victim, int worker)
    {
        switch (victim)
        {
            case 0:
                await farm.KillServerAsync();
                await farm.StartServerAsync();
                break;
            case 1:
                await farm.KillWebAsync();
                await farm.StartWebAsync();
                break;
            default:
                await farm.KillWorkerAsync(worker);
                farm.StartWorker(worker);
                break;
        }
    }

    private static int FromEnvironment(string name, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : standard;
}
