using Builder.Server.Options;
using Builder.Server.Tests.Connections;

namespace Builder.Server.Tests.State;

public sealed class RecoveryTests
{
    [Fact]
    public async Task A_flipped_bit_in_the_middle_stops_the_start_and_recovery_saves_every_other_record()
    {
        await using var server = await RunningServer.StartAsync();
        for (var i = 0; i < 12; i++)
            await server.ScheduleAsync($"job-{i}");
        await server.StopAsync();
        var log = Path.Combine(server.Directory, "_journal", "log-0000000001");
        var damaged = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        var place = damaged.AsSpan().IndexOf("job-4"u8);
        damaged[place] ^= 4;
        await File.WriteAllBytesAsync(log, damaged, TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<InvalidDataException>(server.StartAgainAsync);
        Assert.Contains($"{log} is damaged at byte ", error.Message, StringComparison.Ordinal);
        Assert.Equal(damaged, await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken));
        await server.StopAsync();

        var (isDamaged, dry) = await RecoverAsync(server, isWriting: false);
        Assert.True(isDamaged);
        Assert.Contains(dry, line => line.Contains("damaged: the checksum of a record", StringComparison.Ordinal));
        Assert.Equal(11, dry.Count(line => line.EndsWith(" scheduled", StringComparison.Ordinal)));
        Assert.Contains(dry, line => line.Contains("does not fit: job \"job-4\" is not in the schedule", StringComparison.Ordinal));
        Assert.Equal(damaged, await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken));

        await RecoverAsync(server, isWriting: true);
        await server.StartAgainAsync();
        var names = (await server.InfoAsync()).Schedule.Select(item => item.Job.Name.ToString());
        Assert.Equal(Enumerable.Range(0, 12).Where(i => i != 4).Select(i => $"job-{i}").Order(), names.Order());
        var kept = Assert.Single(Directory.GetDirectories(Path.Combine(server.Directory, "_journal")));
        Assert.Equal(damaged, await File.ReadAllBytesAsync(Path.Combine(kept, "log-0000000001"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Recovery_of_a_journal_without_damage_says_so()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("whole");
        await server.StopAsync();

        var (isDamaged, lines) = await RecoverAsync(server, isWriting: false);

        Assert.False(isDamaged);
        Assert.Contains(lines, line => line.StartsWith("saved: 1 jobs, 1 queued", StringComparison.Ordinal));
    }

    private static async Task<(bool IsDamaged, List<string> Lines)> RecoverAsync(RunningServer running, bool isWriting)
    {
        var lines = new List<string>();
        var options = new ServerOptions { Directory = running.Directory, ConfigurationDirectory = running.ConfigurationDirectory };
        await using var server = new BuilderServer(options, TimeProvider.System, running.Log);
        return (server.Recover(isWriting, lines.Add), lines);
    }
}
