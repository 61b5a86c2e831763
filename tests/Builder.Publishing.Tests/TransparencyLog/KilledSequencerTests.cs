using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;

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

    /// <summary>The kernel's lock is the holder's as long as it lives: nobody goes on meanwhile, so there is no late write that could fork the log.</summary>
    [Fact]
    public async Task While_the_one_that_adds_is_stopped_no_other_does_and_it_goes_on_where_it_was()
    {
        using var log = new TestLog();
        await File.WriteAllTextAsync(log["key.pem"], new string(log.Key.ToPem()), Token);
        using var process = Start(log);
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(Token));
        await process.StandardInput.WriteLineAsync("before".AsMemory(), Token);
        Assert.Equal("0 before", await process.StandardOutput.ReadLineAsync(Token));
        await SignalAsync(process, "STOP");
        var published = log.Published();
        await process.StandardInput.WriteLineAsync("meanwhile".AsMemory(), Token);

        var refusal = await Assert.ThrowsAsync<LogException>(log.OpenAsync);
        Assert.Contains("another process adds to the log", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(published.Note.Text, log.Published().Note.Text);

        await SignalAsync(process, "CONT");
        Assert.Equal("1 meanwhile", await process.StandardOutput.ReadLineAsync(Token));
        process.Kill();
        await process.WaitForExitAsync(Token);
        // A dead holder keeps nobody out.
        await using (var sequencer = await log.OpenAsync())
            await sequencer.AppendAsync([Encoding.UTF8.GetBytes("after")], Token);
        Assert.Equal(["before", "meanwhile", "after"], await log.ReadAllAsync());
        await log.AssertContinuesAsync(published);
    }

    private static async Task SignalAsync(Process process, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Token);
    }

    private static Process Start(TestLog log) =>
        Process.Start(
            new ProcessStartInfo(Executable, [log.Public, log.State, TestLog.Origin, log["key.pem"], "7"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;

    private static async Task RunAndKillAsync(
        TestLog log,
        int first,
        Random random,
        Dictionary<string, long> acknowledged,
        List<SignedCheckpoint> checkpoints
    )
    {
        using var process = Start(log);
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
