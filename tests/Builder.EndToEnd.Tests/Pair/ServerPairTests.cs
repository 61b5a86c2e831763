using System.Globalization;
using Builder.Testing;

namespace Builder.EndToEnd.Tests.Pair;

/// <summary>
/// The serving one of two servers is killed, stopped or cut off while jobs run: the other one serves, running builds of living workers go on, each build is
/// recorded once, and a server that comes to again writes nothing. A short run here; <c>BUILDER_LONG_TESTS</c> makes it long.
/// </summary>
public sealed class ServerPairTests(PostgreSqlServer database) : IClassFixture<PostgreSqlServer>
{
    private static int Rounds => Environment.GetEnvironmentVariable("BUILDER_LONG_TESTS") is { Length: > 0 } ? 15 : 1;

    [Fact]
    public Task A_standby_takes_over_from_a_server_that_is_killed() =>
        TakeOverAsync(
            network: null,
            (pair, _) => pair.SignalAsync(pair.Serving, "KILL"),
            async (pair, index) =>
            {
                await pair.Server(index).ExitAsync();
                await pair.StartServerAsync(index);
                await pair.Server(index).LineAsync(line => line.Contains("standby: \"", StringComparison.Ordinal));
            }
        );

    [Fact]
    public Task A_standby_takes_over_from_a_server_that_is_stopped_and_goes_on_later() =>
        TakeOverAsync(
            network: null,
            (pair, _) => pair.SignalAsync(pair.Serving, "STOP"),
            async (pair, index) =>
            {
                await pair.SignalAsync(index, "CONT");
                await pair.Server(index).LineAsync(line => line.Contains("does not serve any more", StringComparison.Ordinal));
                await pair.Server(index).LineAsync(line => line.Contains("standby: \"", StringComparison.Ordinal));
            }
        );

    [Fact]
    public async Task A_standby_takes_over_from_a_server_that_is_cut_off()
    {
        Requirement.PostgreSql();
        await using var network = await NetworkNamespace.CreateAsync();
        await TakeOverAsync(
            network,
            (pair, cable) => pair.Serving == 0 ? cable!.CutAsync() : pair.SignalAsync(pair.Serving, "STOP"),
            async (pair, index) =>
            {
                if (index == 0)
                    await network.MendAsync();
                else
                    await pair.SignalAsync(index, "CONT");
                await pair.Server(index).LineAsync(line => line.Contains("does not serve any more", StringComparison.Ordinal));
                await pair.Server(index).LineAsync(line => line.Contains("standby: \"", StringComparison.Ordinal));
            }
        );
    }

    /// <param name="failAsync">Takes the serving server away.</param>
    /// <param name="restoreAsync">Brings it back, as a standby.</param>
    private async Task TakeOverAsync(
        NetworkNamespace? network,
        Func<ServerPair, NetworkNamespace?, Task> failAsync,
        Func<ServerPair, int, Task> restoreAsync
    )
    {
        var output = TestContext.Current.TestOutputHelper!;
        await using var pair = await ServerPair.StartAsync(database, workerCount: 2, network);
        var jobs = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            // One that outlasts the takeover, one that may end in the middle of it, one that waits, one that comes later.
            string[] names = ["long", "short", "waiting", "later"];
            var (outlasting, ending, waiting, later) = (Name(0), Name(1), Name(2), Name(3));
            string Name(int which) => string.Create(CultureInfo.InvariantCulture, $"{names[which]}-{round}");
            await pair.ScheduleAsync(outlasting, tenths: 150);
            await pair.ScheduleAsync(ending, tenths: 5 + Random.Shared.Next(60));
            await pair.UntilAsync(() => Task.FromResult(pair.CountBegun(outlasting) + pair.CountBegun(ending) == 2), "two running jobs");
            await pair.ScheduleAsync(waiting, tenths: 1);
            jobs.AddRange([outlasting, ending, waiting, later]);
            await Task.Delay(Random.Shared.Next(1000), TestContext.Current.CancellationToken);
            var (before, after) = (pair.Serving, pair.Standby);

            await failAsync(pair, network);

            var took = await pair.ServesAsync(after);
            output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"round {round}: the standby served after {took.TotalSeconds:f1} s")
            );
            await pair.ScheduleAsync(later, tenths: 1);
            await restoreAsync(pair, before);
            foreach (var job in jobs)
                await pair.UntilAsync(() => Task.FromResult(pair.Uploads.Of(job).Any()), $"an upload of {job}");
            Assert.True(pair.CountBegun(outlasting) == 1, $"{outlasting} was begun {pair.CountBegun(outlasting)} times\n{pair.Logs()}");
            Assert.True(pair.CountBegun(ending) == 1, $"{ending} was begun {pair.CountBegun(ending)} times\n{pair.Logs()}");
            Assert.Equal(
                Enumerable.Range(1, 150).Select(number => string.Create(CultureInfo.InvariantCulture, $"line {number}")),
                pair.Uploads.Of(outlasting).Single().Console.Reverse().Select(line => line.Text.ToString()).SkipLast(1)
            );
        }
        await pair.UntilAsync(async () => await pair.InfoAsync() is { Running: 0, Queued: 0 }, "the end of all jobs");
        Assert.Equal(jobs.Order(StringComparer.Ordinal), (await pair.InfoAsync()).Jobs);
        foreach (var job in jobs)
            Assert.True(pair.Uploads.Of(job).Count() == 1, $"{job} was recorded {pair.Uploads.Of(job).Count()} times\n{pair.Logs()}");
        // A server that was stopped wrote nothing after the next one began: epochs never go back.
        Assert.Equal(
            "0",
            await pair.QueryAsync(
                "SELECT count(*) FROM (SELECT epoch, lag(epoch) OVER (ORDER BY seq) AS before FROM server_event) AS e WHERE epoch < before"
            )
        );
        Assert.Equal($"{Rounds + 1}", await pair.QueryAsync("SELECT epoch FROM server_lease"));
    }
}
