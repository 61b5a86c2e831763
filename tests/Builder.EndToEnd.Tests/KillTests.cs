using System.Globalization;
using Builder.Hostile.Tests;

namespace Builder.EndToEnd.Tests;

/// <summary>
/// SIGKILL to server, web, workers and their supervisors at random moments, while ordinary and hostile jobs are scheduled, run, sent and uploaded.
/// A short run here; <c>BUILDER_KILL_ROUNDS</c> and <c>BUILDER_KILL_SEED</c> make it long or another one.
/// </summary>
public sealed class KillTests
{
    /// <summary>Takes about as long as the moments that are drawn, prints, and leaves a file that no other run would leave.</summary>
    private const string Script = """
        for i in 1 2 3 4 5; do echo "line $i"; sleep 0.05; done
        mkdir bin
        cat /proc/sys/kernel/random/uuid > bin/result
        head -c 300000 /dev/zero > padding
        """;

    private static readonly string[] Limits =
    [
        "--max-disk",
        "64M",
        "--max-console",
        "1M",
        "--max-artifacts",
        "1000",
        "--max-artifact-bytes",
        "32M",
    ];

    /// <summary>These need control groups: without, the jobs that reach for them would take what the machine has.</summary>
    private static readonly string[] StrictLimits = ["--memory", "256M", "--pids", "200"];

    private static readonly string[] JobsForStrictLimits = ["fork-bomb", "memory-bomb"];

    private static readonly TimeSpan MaxMomentLength = TimeSpan.FromMilliseconds(900);

    private enum Victim
    {
        Server,
        Site,
        Worker,
        Supervisor,
        WorkerWithSupervisor,
    }

    [Fact]
    public async Task Whoever_is_killed_whenever_each_job_is_recorded_exactly_once_and_nothing_is_left()
    {
        var rounds = FromEnvironment("BUILDER_KILL_ROUNDS", 15);
        var seed = FromEnvironment("BUILDER_KILL_SEED", 20261126);
        var random = new Random(seed);
        var (isolation, hostile) = await IsolationAsync();
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"seed {seed}, {rounds} rounds, workers with {string.Join(' ', isolation)}; {hostile.Count} hostile jobs");
        var victims = isolation.Contains("bubblewrap")
            ? Enum.GetValues<Victim>()
            : [Victim.Server, Victim.Site, Victim.Worker, Victim.Supervisor];
        var killed = new Dictionary<Victim, int>();
        await using var farm = await FarmProcesses.StartAsync(workerCount: 2, [.. isolation, .. Limits]);
        var jobs = new List<string>();

        for (var round = 0; round < rounds; round++)
        {
            var attack = round % 2 == 1 && hostile.Count > 0 ? hostile[random.Next(hostile.Count)] : null;
            var job = string.Create(CultureInfo.InvariantCulture, $"{attack?.Name ?? "job"}-{round}");
            jobs.Add(job);
            var scheduled = farm.ScheduleAsync(job, attack?.Script ?? Script);
            var moment = random.NextDouble() * MaxMomentLength;
            await Task.Delay(moment, TestContext.Current.CancellationToken);
            var victim = victims[random.Next(victims.Length)];
            killed[victim] = killed.GetValueOrDefault(victim) + 1;
            await KillAndRestartAsync(farm, victim, random.Next(farm.WorkerCount));
            await scheduled;
        }
        output.WriteLine($"killed: {string.Join(", ", killed.Select(entry => $"{entry.Key} {entry.Value}"))}");

        await farm.AllRecordedAsync(jobs);
        Assert.Equal(jobs.Order(StringComparer.Ordinal), await farm.ScheduledAsync());
        var recorded = await farm.RecordedAsync();
        Assert.Equal(jobs.ToDictionary(job => job, _ => 1L), recorded);
        Assert.Equal(0, await farm.RunningAsync());
        Assert.DoesNotContain(farm.ConsoleLines(), line => line.Contains("BREACH", StringComparison.Ordinal));
        await farm.Remains.NothingAsync();
        var (verified, findings) = await farm.VerifyAsync();
        Assert.True(verified == 0, findings);
        var (whole, records) = await farm.EndServerAndReadJournalAsync();
        Assert.True(whole == 0, records);
        await farm.StartServerAsync();
        Assert.Equal(jobs.Order(StringComparer.Ordinal), await farm.ScheduledAsync());
    }

    private static async Task KillAndRestartAsync(FarmProcesses farm, Victim victim, int worker)
    {
        switch (victim)
        {
            case Victim.Server:
                await farm.KillServerAsync();
                await farm.StartServerAsync();
                break;
            case Victim.Site:
                await farm.KillWebAsync();
                await farm.StartWebAsync();
                break;
            case Victim.Worker:
                await farm.KillWorkerAsync(worker);
                farm.StartWorker(worker);
                break;
            case Victim.Supervisor:
                await farm.KillSupervisorAsync(worker);
                break;
            case Victim.WorkerWithSupervisor:
                await farm.KillWorkerWithSupervisorAsync(worker);
                farm.StartWorker(worker);
                break;
        }
    }

    /// <summary>The best that this machine can have, and the hostile jobs that are safe to run with it.</summary>
    private static async Task<(IReadOnlyList<string> Options, IReadOnlyList<HostileJob> Jobs)> IsolationAsync()
    {
        var all = HostileJob.Names.Select(HostileJob.Read).ToList();
        foreach (var limits in (string[][])[StrictLimits, []])
        {
            string[] options = ["--sandbox", "bubblewrap", .. limits];
            var (exitCode, _) = await BuilderProcess.RunAsync(["worker", "--check", .. options]);
            if (exitCode is 0 or 4)
                return (options, [.. all.Where(job => limits.Length > 0 || !JobsForStrictLimits.Contains(job.Name))]);
        }
        return (["--sandbox", "none"], []);
    }

    private static int FromEnvironment(string name, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : standard;
}
