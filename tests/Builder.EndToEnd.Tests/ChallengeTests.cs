using System.Text.Json;

namespace Builder.EndToEnd.Tests;

/// <summary><c>builder challenge</c> with two whole installations that built the same inputs.</summary>
public sealed class ChallengeTests
{
    private const string Inputs = "for name in build-inputs build-environment system-packages; do echo recorded > $name; done; mkdir bin\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sites_are_asked_who_has_the_same_bytes_for_the_same_inputs()
    {
        await using var one = await FarmProcesses.StartAsync(workerCount: 1, "--sandbox", "none");
        await using var other = await FarmProcesses.StartAsync(workerCount: 1, "--sandbox", "none");
        foreach (var (farm, own) in new[] { (one, "one"), (other, "other") })
        {
            await farm.ScheduleAsync("same", Inputs + "echo same > bin/same\n");
            await farm.ScheduleAsync("random", Inputs + "cat /proc/sys/kernel/random/uuid > bin/random\n");
            await farm.ScheduleAsync("inputs", Inputs + $"echo {own} > build-inputs; echo inputs > bin/inputs\n");
            await farm.AllRecordedAsync(["same", "random", "inputs"]);
        }

        var (exitCode, output) = await ChallengeAsync("same");
        Assert.True(exitCode == 0, output);
        Assert.Contains($"same on {FarmProcesses.Platform}, inputs ", output, StringComparison.Ordinal);
        Assert.Contains("the same bytes", output, StringComparison.Ordinal);
        Assert.Contains($"  http://127.0.0.1:{one.WebPort}/job/same/build/", output, StringComparison.Ordinal);
        Assert.Contains($"  http://127.0.0.1:{other.WebPort}/job/same/build/", output, StringComparison.Ordinal);

        // A file, and its hash, stand for the inputs that it was built from.
        await File.WriteAllTextAsync(one["copy"], "same\n", Stop);
        Assert.Equal(0, (await ChallengeAsync(one["copy"])).ExitCode);
        (exitCode, output) = await ChallengeAsync("same", "--json");
        Assert.Equal(0, exitCode);
        using (var json = JsonDocument.Parse(output))
        {
            var found = Assert.Single(json.RootElement.EnumerateArray());
            Assert.True(found.GetProperty("agrees").GetBoolean());
            var digests = found.GetProperty("builds").EnumerateArray().Select(build => build.GetProperty("sha256").GetString()!).ToArray();
            Assert.Equal(2, digests.Length);
            Assert.Equal(digests[0], digests[1]);
            Assert.Equal(0, (await ChallengeAsync(digests[0])).ExitCode);
        }

        (exitCode, output) = await ChallengeAsync("random");
        Assert.True(exitCode == 1, output);
        Assert.Contains("DIFFERENT bytes", output, StringComparison.Ordinal);

        (exitCode, output) = await ChallengeAsync("inputs");
        Assert.True(exitCode == 2, output);
        Assert.Contains("nothing to compare", output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(one["unknown"], "nobody built this", Stop);
        (exitCode, output) = await ChallengeAsync(one["unknown"]);
        Assert.True(exitCode == 2 && output.Contains("none of the sites has a file with SHA-256", StringComparison.Ordinal), output);

        await other.KillWebAsync();
        (exitCode, output) = await ChallengeAsync("same");
        Assert.True(exitCode == 2 && output.Contains($"127.0.0.1:{other.WebPort}", StringComparison.Ordinal), output);

        Task<(int ExitCode, string Output)> ChallengeAsync(params string[] arguments) =>
            BuilderProcess.RunAsync([
                "challenge",
                .. arguments,
                "--site",
                $"http://127.0.0.1:{one.WebPort}",
                "--site",
                $"http://127.0.0.1:{other.WebPort}",
            ]);
    }
}
