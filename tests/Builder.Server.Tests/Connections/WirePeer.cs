using System.Net.Sockets;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;

namespace Builder.Server.Tests.Connections;

/// <summary>A peer that speaks in frames, or in whatever bytes a test wants.</summary>
internal sealed class WirePeer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket socket;
    private readonly NetworkStream stream;
    private readonly FrameReader reader;

    private WirePeer(Socket socket)
    {
        this.socket = socket;
        stream = new NetworkStream(socket, ownsSocket: true);
        reader = new FrameReader(stream, FrameLimits.Default, TimeProvider.System);
    }

    public static async Task<WirePeer> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        return new WirePeer(socket);
    }

    public Task SendAsync(Command command) => SendAsync(FrameWriter.Encode(command));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>The next frame; null at the end of the connection.</summary>
    public async Task<Command?> ReceiveAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await reader.ReadAsync(patience.Token);
        }
        catch (ProtocolException exception) when (exception.Reason == ProtocolErrorReason.ConnectionLost)
        {
            return null;
        }
    }

    /// <summary>All frames until the server ends the connection.</summary>
    public async Task<IReadOnlyList<Command>> ReceiveAllAsync()
    {
        var all = new List<Command>();
        while (await ReceiveAsync() is { } command)
            all.Add(command);
        return all;
    }

    /// <summary>Says that nothing more comes, and listens on.</summary>
    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => stream.Dispose();
}
