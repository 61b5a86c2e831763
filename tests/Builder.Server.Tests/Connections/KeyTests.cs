using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Access;

namespace Builder.Server.Tests.Connections;

/// <summary>A server that requires keys.</summary>
public sealed class KeyTests
{
    [Fact]
    public async Task Where_keys_are_required_only_their_holders_are_let_in_and_only_for_their_platforms()
    {
        await using var server = await RunningServer.StartAsync(options => options with { RequiresKeys = true });
        var keys = new AccessKeys(server.Directory, TimeProvider.System);
        var secret = keys.Add(PeerKind.Worker, "bsd-1", [Platform.Parse("freebsd-14.1")]);

        using var original = await server.ConnectAsync();
        await original.SendAsync(new Command.ClientHello(PeerKind.Worker, ProtocolVersion.Worker));
        Assert.IsType<Command.Failure>(await original.ReceiveAsync());
        using var stranger = await server.RefusedAsync(PeerKind.Worker, "builder-guess");
        using var asClient = await server.RefusedAsync(PeerKind.Client, secret);
        using var other = await server.ExtendedAsync(PeerKind.Worker, "", secret);
        await other.SendAsync(new Command.JobRequested(Text("debian-12")));
        Assert.Contains(
            "not for platform",
            Assert.IsType<Command.Failure>(await other.ReceiveAsync()).Reason.ToString(),
            StringComparison.Ordinal
        );

        using var holder = await server.ExtendedAsync(PeerKind.Worker, "", secret);
        await holder.SendAsync(new Command.JobRequested(Text("freebsd-14.1")));
        var admin = keys.Add(PeerKind.Client, "me", []);
        using var client = await server.ExtendedAsync(PeerKind.Client, "", admin);
        await client.SendAsync(new Command.Schedule(Period.Daily, new ScriptJob(Text("j"), Text("freebsd-14.1"), Text("true"))));
        Assert.Equal(new Command.Success(), await client.ReceiveAsync());
        Assert.IsType<Command.Request>(await holder.ReceiveAsync());
        Assert.IsType<Command.TimeLimit>(await holder.ReceiveAsync());
        Assert.IsType<Command.JobSchedule>(await holder.ReceiveAsync());

        Assert.True(keys.Revoke(PeerKind.Worker, "bsd-1"));
        using var revoked = await server.RefusedAsync(PeerKind.Worker, secret);
        Assert.DoesNotContain(
            server.Log.Lines,
            line => line.Contains(secret, StringComparison.Ordinal) || line.Contains(admin, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_key_with_permissions_does_what_they_name_and_reads_and_nothing_else()
    {
        await using var server = await RunningServer.StartAsync(options => options with { RequiresKeys = true });
        var keys = new AccessKeys(server.Directory, TimeProvider.System);
        var site = keys.Add(PeerKind.Client, "site", [], [ClientPermission.Run, ClientPermission.Workers]);
        var admin = keys.Add(PeerKind.Client, "me", []);
        var job = new ScriptJob(Text("j"), Text("debian-12"), Text("true"));
        Assert.IsType<Command.Success>(await AskAsync(server, admin, new Command.Schedule(Period.Daily, job)));

        Assert.IsType<Command.Success>(await AskAsync(server, site, new Command.Execute(Text("j"), null)));
        Assert.IsType<Command.Success>(await AskAsync(server, site, Request("drain", """{"worker":"w"}""")));
        Assert.IsType<Command.Success>(await AskAsync(server, site, Request("workers", "{}")));
        Assert.IsType<Command.Success>(await AskAsync(server, site, new Command.Info()));
        // Pages of the site follow what changes.
        using (var following = await server.ExtendedAsync(PeerKind.Client, "", site))
        {
            await following.SendAsync(Request("changes", "{}"));
            Assert.IsType<Command.Answer>(await following.ReceiveAsync());
        }
        foreach (
            var (command, word) in ((Command, string)[])
                [
                    (new Command.Schedule(Period.Daily, job), "schedule"),
                    (new Command.Unschedule(Text("j")), "schedule"),
                    (Request("apply", """{"jobs":[]}"""), "schedule"),
                    (Request("something-new", "{}"), "schedule"),
                    (new Command.Reschedule(Text("j"), Timestamp.Never, null), "reschedule"),
                    (new Command.Cancel(BuildUuid.NewRandom()), "cancel"),
                    (new Command.DropPlatform(Text("debian-12")), "platforms"),
                    (Request("spool-drop", "{}"), "spool"),
                ]
        )
        {
            var refusal = Assert.IsType<Command.Failure>(await AskAsync(server, site, command));
            Assert.Contains($"it needs \"{word}\"", refusal.Reason.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_drained_worker_gets_no_jobs_until_it_is_undrained_restarts_included()
    {
        await using var server = await RunningServer.StartAsync();
        using var client = await server.ExtendedAsync(PeerKind.Client, "me", "");
        await client.SendAsync(Request("drain", """{"worker":"big"}"""));
        Assert.IsType<Command.Success>((await client.ReceiveAllAsync())[^1]);
        await server.StopAsync();
        await server.StartAgainAsync();

        using var drained = await server.ExtendedAsync(PeerKind.Worker, "big", "");
        await drained.SendAsync(new Command.JobRequested(Text("debian-12")));
        using var other = await server.ExtendedAsync(PeerKind.Worker, "small", "");
        await other.SendAsync(new Command.JobRequested(Text("debian-12")));
        var job = new ScriptJob(Text("j"), Text("debian-12"), Text("true"));
        Assert.IsType<Command.Success>(await AskAsync(server, "", new Command.Schedule(Period.Never, job)));
        Assert.IsType<Command.Request>(await other.ReceiveAsync());

        var second = new ScriptJob(Text("k"), Text("debian-12"), Text("true"));
        Assert.IsType<Command.Success>(await AskAsync(server, "", new Command.Schedule(Period.Never, second)));
        Assert.Contains(
            "already",
            Assert.IsType<Command.Failure>(await AskAsync(server, "", Request("drain", """{"worker":"big"}"""))).Reason.ToString(),
            StringComparison.Ordinal
        );
        Assert.IsType<Command.Success>(await AskAsync(server, "", Request("undrain", """{"worker":"big"}""")));
        Assert.IsType<Command.Request>(await drained.ReceiveAsync());
    }

    private static async Task<Command> AskAsync(RunningServer server, string key, Command command)
    {
        using var client = await server.ExtendedAsync(PeerKind.Client, "", key);
        await client.SendAsync(command);
        return (await client.ReceiveAllAsync())[^1];
    }

    private static Command.Request Request(string verb, string body) => new(Text(verb), Text(body));

    private static ByteString Text(string text) => ByteString.FromUtf8(text);
}
