using System.Globalization;
using Builder.Hostile.Tests;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>
/// SIGKILL to <c>builder up</c>, with server, site and the pipe to its workers in one process, while jobs run. A short run here;
/// <c>BUILDER_UP_KILL_ROUNDS</c> and <c>BUILDER_KILL_SEED</c> make it long or another one.
/// </summary>
public sealed class UpKillTests
{
    private static readonly string[] Attacks = ["fork-chain", "hostile-permissions", "persist-1-leave", "links-out"];

    private static readonly TimeSpan MaxMomentLength = TimeSpan.FromMilliseconds(1500);

    [Fact]
    public async Task Whenever_it_is_killed_each_job_is_recorded_exactly_once_and_no_worker_or_job_outlives_it()
    {
        var rounds = FromEnvironment("BUILDER_UP_KILL_ROUNDS", 3);
        var seed = FromEnvironment("BUILDER_KILL_SEED", 20261126);
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}, {rounds} rounds");
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["work"]);
        foreach (var path in (string[])[directory.Path, directory["work"]])
            File.SetUnixFileMode(path, (UnixFileMode)0b111_001_001);
        var remains = new FarmRemains(directory["work"]);
        var isSandboxed = (await BuilderProcess.RunAsync(["worker", "--check"])).ExitCode is 0 or 4;
        var jobs = new List<string>();

        for (var round = 0; round < rounds; round++)
        {
            await using var up = await StartAsync(directory, isSandboxed);
            var attack = round % 2 == 1 && isSandboxed ? HostileJob.Read(Attacks[random.Next(Attacks.Length)]) : null;
            var job = string.Create(CultureInfo.InvariantCulture, $"{attack?.Name ?? "job"}-{round}");
            var script = attack?.Script ?? "#!/bin/sh\nsleep 0.3; mkdir bin; cat /proc/sys/kernel/random/uuid > bin/result\n";
            await ScheduleAsync(directory, up, job, Marked(script, remains.Variable));
            jobs.Add(job);
            await Task.Delay(random.NextDouble() * MaxMomentLength, TestContext.Current.CancellationToken);
            await up.KillAsync();
        }

        await using (var up = await StartAsync(directory, isSandboxed))
        {
            using var patience = new CancellationTokenSource(BuilderProcess.Patience);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while ((await RecordedBuilds.InAsync(directory["data/web"])).Count < jobs.Count)
            {
                Assert.False(patience.IsCancellationRequested, up.Transcript);
                await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }
            await remains.NothingAsync();
            Assert.Equal(0, await up.TerminateAsync());
        }
        Assert.Equal(jobs.ToDictionary(job => job, _ => 1L), await RecordedBuilds.InAsync(directory["data/web"]));
        var (verified, findings) = await BuilderProcess.RunAsync(["db", "verify-data-dir", "--datadir", directory["data/web"]]);
        Assert.True(verified == 0, findings);
        var (whole, records) = await BuilderProcess.RunAsync(["server", "--dir", directory["data/server"], "--recover"]);
        Assert.True(whole == 0, records);
    }

    private static async Task<BuilderProcess> StartAsync(TemporaryDirectory directory, bool isSandboxed)
    {
        var up = BuilderProcess.Start(
            ["up", "--datadir", directory["data"], "--port", "0", "--workers", "2", .. isSandboxed ? (string[])[] : ["--sandbox", "none"]],
            new Dictionary<string, string> { ["TMPDIR"] = directory["work"] }
        );
        await UpTests.AddressAsync(up);
        return up;
    }

    private static async Task ScheduleAsync(TemporaryDirectory directory, BuilderProcess up, string job, string script)
    {
        var platform = (await up.LineAsync(line => line.TrimStart().StartsWith("Send ", StringComparison.Ordinal))).Split(
            ' ',
            StringSplitOptions.RemoveEmptyEntries
        )[5];
        var file = directory[$"{job}.sh"];
        await File.WriteAllTextAsync(file, script, TestContext.Current.CancellationToken);
        var (exitCode, said) = await BuilderProcess.RunAsync([
            "client",
            "-r",
            $"unix:{directory["data/sockets/client.sock"]}",
            "schedule",
            job,
            platform,
            file,
            "--period",
            "never",
        ]);
        Assert.True(exitCode == 0, said);
    }

    /// <summary>With the variable for all that the script starts, after its first line.</summary>
    private static string Marked(string script, string variable)
    {
        var end = script.IndexOf('\n', StringComparison.Ordinal) + 1;
        return $"{script[..end]}export {variable}\n{script[end..]}";
    }

    private static int FromEnvironment(string name, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : standard;
}
