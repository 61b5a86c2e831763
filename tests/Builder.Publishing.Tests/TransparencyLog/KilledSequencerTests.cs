using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Builder.Proof.Log;

namespace Builder.Publishing.Tests.TransparencyLog;

/// <summary>A real process adds entries, many at once, and is killed with SIGKILL at random moments.</summary>
public sealed class KilledSequencerTests
{
    private const int LinesPerRound = 120;

    private static readonly string Executable = typeof(KilledSequencerTests)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "LogAppender")
        .Value!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_whenever_it_is_the_log_only_grows_and_has_no_entry_twice()
    {
        var rounds = FromEnvironment("BUILDER_KILL_ROUNDS", 20);
        var seed = FromEnvironment("BUILDER_KILL_SEED", 20261127);
        var random = new Random(seed);
        using var log = new TestLog();
        await File.WriteAllTextAsync(log["key.pem"], new string(log.Key.ToPem()), Token);
        var acknowledged = new Dictionary<string, long>(StringComparer.Ordinal);
        var checkpoints = new List<SignedCheckpoint>();
        for (var round = 0; round < rounds; round++)
        {
            var first = Math.Max(0, (round * LinesPerRound) - random.Next(LinesPerRound));
            await RunAndKillAsync(log, first, random, acknowledged, checkpoints);
        }
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"seed {seed}: {rounds} kills, {acknowledged.Count} entries acknowledged, {checkpoints.Count} checkpoints seen"
        );

        await using (var sequencer = await log.OpenAsync())
            Assert.True(sequencer.Checkpoint.Size >= acknowledged.Count);
        var entries = await log.ReadAllAsync();
        Assert.Equal(entries.Count, entries.Distinct(StringComparer.Ordinal).Count());
        Assert.All(acknowledged, pair => Assert.Equal(pair.Key, entries[(int)pair.Value]));
        foreach (var old in checkpoints.DistinctBy(static old => old.Size))
            await log.AssertContinuesAsync(old);
        Assert.Equal(checkpoints.DistinctBy(static old => old.Size).Count(), checkpoints.DistinctBy(static old => old.Note.Text).Count());
    }

    private static async Task RunAndKillAsync(
        TestLog log,
        int first,
        Random random,
        Dictionary<string, long> acknowledged,
        List<SignedCheckpoint> checkpoints
    )
    {
        using var process = Process.Start(
            new ProcessStartInfo(Executable, [log.Public, log.State, TestLog.Origin, log["key.pem"], "7"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(Token));
        var feeding = FeedAsync(process, first, random.Next(1, 9));
        for (var wanted = random.Next(LinesPerRound); wanted > 0 && await process.StandardOutput.ReadLineAsync(Token) is { } line; wanted--)
        {
            Note(line, acknowledged);
            checkpoints.Add(log.Published());
        }
        process.Kill();
        await process.WaitForExitAsync(Token);
        await feeding;
        while (await process.StandardOutput.ReadLineAsync(Token) is { } line)
            Note(line, acknowledged);
        checkpoints.Add(log.Published());
    }

    /// <summary>In groups, so that batches of several sizes come about.</summary>
    private static async Task FeedAsync(Process process, int first, int groupSize)
    {
        try
        {
            for (var number = first; number < first + LinesPerRound; number += groupSize)
            {
                foreach (var line in Enumerable.Range(number, groupSize))
                    await process.StandardInput.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"entry {line}\n"));
                await process.StandardInput.FlushAsync(Token);
            }
        }
        catch (IOException)
        {
            // It was killed meanwhile.
        }
    }

    /// <summary>The last line may be cut off by the kill.</summary>
    private static void Note(string line, Dictionary<string, long> acknowledged)
    {
        if (line.Split(' ', 2) is not [var place, var entry] || !entry.StartsWith("entry ", StringComparison.Ordinal) || entry == "entry ")
            return;
        var number = long.Parse(place, CultureInfo.InvariantCulture);
        Assert.Equal(number, acknowledged.GetValueOrDefault(entry, number));
        acknowledged[entry] = number;
    }

    private static int FromEnvironment(string name, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : standard;
}
