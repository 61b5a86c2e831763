using Builder.Protocol.Messages;
using Builder.Protocol.StateFiles;
using Builder.Protocol.Values;
using Builder.Server.Options;
using Builder.Server.Tests.Connections;

namespace Builder.Server.Tests.State;

/// <summary>The way to the original and back: what is lost is said, what was there is kept, and who counts is asked.</summary>
public sealed class StateChoiceTests
{
    [Fact]
    public async Task An_export_says_what_the_file_has_no_place_for_and_keeps_the_file_before()
    {
        await using var server = await RunningServer.StartAsync();
        await ApplyAsync(
            server,
            """{"name":"night","platform":"debian-12","script":"","cron":"30 3 * * *","priority":2,"time_limit_seconds":90,"limits":{"artifacts":3}}"""
        );
        await server.ScheduleAsync("away", platform: "gone");
        await server.DoAsync(new Command.DropPlatform(ByteString.FromUtf8("gone")));
        await server.StopAsync();
        var first = await ExportAsync(server);
        Assert.Matches(@"at \d{4}-\d\d-\d\dT03:30:00", first[0]);
        Assert.Equal(
            [
                "job night: cron \"30 3 * * *\" is not kept; it has the period never, and is due once more at ",
                "job night: priority 2 is not kept",
                "job night: time limit 00:01:30 is not kept",
                "job night: its limits are not kept",
                "job away is left out: its platform gone is dropped; the journal keeps it",
            ],
            first.Select(line =>
                line.StartsWith("job night: cron", StringComparison.Ordinal)
                    ? line[..(line.LastIndexOf("at ", StringComparison.Ordinal) + 3)]
                    : line
            )
        );

        var state = Path.Combine(server.Directory, "state");
        var before = await File.ReadAllBytesAsync(state, TestContext.Current.CancellationToken);
        await server.StartAgainAsync();
        await server.ScheduleAsync("new");
        await server.StopAsync();
        var kept = Assert.Single(
            await ExportAsync(server),
            line => line.StartsWith("the file before is kept as ", StringComparison.Ordinal)
        );
        Assert.Equal(
            before,
            await File.ReadAllBytesAsync(kept["the file before is kept as ".Length..], TestContext.Current.CancellationToken)
        );
    }

    [Theory]
    [InlineData(StateChoice.Journal, "ours")]
    [InlineData(StateChoice.Original, "theirs")]
    public async Task A_state_file_that_an_original_server_changed_is_a_choice_of_the_operator(StateChoice choice, string expected)
    {
        var chosen = StateChoice.Ask;
        await using var server = await RunningServer.StartAsync(options => options with { State = chosen });
        await ApplyAsync(server, """{"name":"both","platform":"debian-12","script":"","cron":"30 3 * * *"}""");
        await server.ScheduleAsync("ours");
        await server.StopAsync();
        await ExportAsync(server);
        var path = Path.Combine(server.Directory, "state");
        var items = StateFile
            .Decode(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))
            .Where(item => item is StateItem.Schedule { Item.Job.Name: var name } && name.ToString() == "both")
            .Append(
                new StateItem.Schedule(
                    new ScheduleItem(
                        Timestamp.Never,
                        Period.Weekly,
                        new ScriptJob(ByteString.FromUtf8("theirs"), ByteString.FromUtf8("debian-12"), ByteString.FromUtf8("true"))
                    )
                )
            );
        var changed = StateFile.Encode([.. items]);
        await File.WriteAllBytesAsync(path, changed, TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<InvalidDataException>(server.StartAgainAsync);
        Assert.Contains("--state=original", error.Message, StringComparison.Ordinal);
        Assert.Contains("job theirs: only in the state file (weekly, next never)", error.Message, StringComparison.Ordinal);
        Assert.Contains("job ours: only in the journal", error.Message, StringComparison.Ordinal);
        Assert.Contains("in a queue: both for debian-12: only in the journal", error.Message, StringComparison.Ordinal);
        await server.StopAsync();

        chosen = choice;
        await server.StartAgainAsync();
        Assert.Equal(
            ["both", expected],
            (await server.InfoAsync()).Schedule.Select(item => item.Job.Name.ToString()).Order(StringComparer.Ordinal)
        );
        Assert.Equal(changed, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        await server.StopAsync();

        chosen = StateChoice.Ask;
        await server.StartAgainAsync();
        var both = (await server.InfoAsync()).Schedule.Single(item => item.Job.Name.ToString() == "both");
        Assert.True(both.Next < Timestamp.Never, "the cron expression is lost");
    }

    private static async Task ApplyAsync(RunningServer server, string job)
    {
        using var client = await server.ConnectAsync(PeerKind.Client, ProtocolVersion.ExtendedClient);
        await client.SendAsync(new Command.PeerIdentity(ByteString.Empty, ByteString.Empty));
        Assert.Equal(new Command.Success(), await client.ReceiveAsync());
        await client.SendAsync(new Command.Request(ByteString.FromUtf8("apply"), ByteString.FromUtf8($$"""{"jobs":[{{job}}]}""")));
        Assert.IsType<Command.Answer>(await client.ReceiveAsync());
    }

    private static async Task<IReadOnlyList<string>> ExportAsync(RunningServer running)
    {
        var options = new ServerOptions { Directory = running.Directory, ConfigurationDirectory = running.ConfigurationDirectory };
        await using var server = new BuilderServer(options, TimeProvider.System, running.Log);
        return await server.ExportStateAsync();
    }
}
