using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Web.Tests;

/// <summary>Speaks the protocol of a build server to clients, with answers that a test decides.</summary>
internal sealed class FakeBuildServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ServerInfo info;
    private readonly IReadOnlyList<ConsoleLine> console;
    private readonly Task serving;

    public FakeBuildServer(ServerInfo info, IReadOnlyList<ConsoleLine> console)
    {
        this.info = info;
        this.console = console;
        listener.Start();
        serving = ServeAsync();
    }

    /// <summary>The build under observation goes on until this is set.</summary>
    public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What it answers to the verbs of extended clients; null for an original, which lets none in.</summary>
    public IReadOnlyDictionary<string, string>? Answers { get; init; }

    /// <summary>Why it refuses what somebody wants done; null where it does it. Without it everything is refused.</summary>
    public Func<Command, string?> Act { get; init; } = static _ => "no";

    /// <summary>What it did or refused, in order.</summary>
    public ConcurrentQueue<Command> Received { get; } = [];

    public string Address => $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var clients = new List<Task>();
        try
        {
            while (true)
                clients.Add(ServeAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            await Task.WhenAll(clients);
        }
    }

    /// <summary>What the site asks by itself.</summary>
    private static bool Asks(Command command) =>
        command is Command.Request request
        && request.Verb.ToString() is "workers" or "changes" or "spool" or "policies" or "repetitions" or "status";

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var reader = new FrameReader(client.GetStream(), FrameLimits.Default, TimeProvider.System);
            using var writer = new FrameWriter(client.GetStream(), FrameLimits.Default, TimeProvider.System);
            try
            {
                if (await reader.ReadFirstMessageAsync(stop.Token) is not Command.ClientHello { Kind: PeerKind.Client } hello)
                    return;
                if (hello.Version != (Answers is null ? ProtocolVersion.Client : hello.Version))
                    return;
                await writer.WriteAsync(new Command.ServerHello(), stop.Token);
                if (hello.Version == ProtocolVersion.ExtendedClient)
                {
                    await reader.ReadFirstMessageAsync(stop.Token);
                    await writer.WriteAsync(new Command.Success(), stop.Token);
                    var wanted = await reader.ReadAsync(stop.Token);
                    if (wanted is Command.Request request && Answers!.TryGetValue(request.Verb.ToString(), out var answer))
                    {
                        await writer.WriteAsync(new Command.Answer(ByteString.FromUtf8(answer)), stop.Token);
                    }
                    else if (wanted is Command.Cancel or Command.Request && !Asks(wanted))
                    {
                        Received.Enqueue(wanted);
                        if (Act(wanted) is { } refusal)
                        {
                            await writer.WriteAsync(new Command.Failure(ByteString.FromUtf8(refusal)), stop.Token);
                            return;
                        }
                    }
                    await writer.WriteAsync(new Command.Success(), stop.Token);
                    return;
                }
                switch (await reader.ReadAsync(stop.Token))
                {
                    case Command.Info:
                        await writer.WriteAsync(new Command.InfoReply(info), stop.Token);
                        break;
                    case Command.Observe observe when info.Running.Any(running => running.Uuid == observe.Uuid):
                        foreach (var line in console)
                            await writer.WriteAsync(
                                new Command.OutputTimestamped(observe.Uuid, line.Text, line.DeltaNanoseconds),
                                stop.Token
                            );
                        await End.Task.WaitAsync(stop.Token);
                        break;
                    case { } wanted:
                        Received.Enqueue(wanted);
                        if (Act(wanted) is not { } refusal)
                            break;
                        await writer.WriteAsync(new Command.Failure(ByteString.FromUtf8(refusal)), stop.Token);
                        return;
                    default:
                        return;
                }
                await writer.WriteAsync(new Command.Success(), stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ProtocolException or IOException)
            {
                // The site has seen enough, or the test is over.
            }
        }
    }
}
