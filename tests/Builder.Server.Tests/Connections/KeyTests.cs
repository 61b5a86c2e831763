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

    private static ByteString Text(string text) => ByteString.FromUtf8(text);
}
