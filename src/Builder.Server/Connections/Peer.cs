using System.Net.Security;
using System.Net.Sockets;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Access;

namespace Builder.Server.Connections;

/// <summary>The other end of a connection.</summary>
/// <param name="name">For the log: address and port, or that it is a local client.</param>
/// <param name="isLocal">It came by the socket in the file system, whose permissions let it in.</param>
/// <param name="isCertified">It showed a certificate that the server trusts.</param>
internal sealed class Peer(
    Socket socket,
    Stream stream,
    string name,
    bool isLocal,
    bool isCertified,
    FrameLimits limits,
    FrameMemory memory,
    TimeProvider clock
) : IDisposable
{
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    public string Address { get; } = name;

    /// <summary>For the log: the address, with the name it gave where it gave one.</summary>
    public string Name { get; set; } = name;

    /// <summary>The key it came with.</summary>
    public AccessKey? Key { get; set; }

    /// <summary>It speaks what we added to the protocol.</summary>
    public bool IsExtended { get; set; }

    /// <summary>What its hello said.</summary>
    public long Version { get; set; }

    /// <summary>How this worker keeps its jobs apart; null where it does not say.</summary>
    public IsolationTier? Isolation { get; set; }

    /// <summary>What this worker can vary in repetitions; null where it does not know variations.</summary>
    public Variations? Variations { get; set; }

    /// <summary>Of this worker's program; null where it does not tell.</summary>
    public string? WorkerVersion { get; set; }

    /// <summary>This worker comes back to its job after it lost the connection.</summary>
    public bool CanResume { get; set; }

    /// <summary>What the socket that it came by is for; null for every kind of peer.</summary>
    public PeerKind? OnlyKind { get; set; }

    public bool IsLocal { get; } = isLocal;

    public bool IsCertified { get; } = isCertified;

    public Stream Stream { get; } = stream;

    public FrameReader Reader { get; } = new(stream, limits, clock, memory);

    public FrameWriter Writer { get; } = new(stream, limits, clock);

    /// <summary>Says why, to a peer that may not listen any more.</summary>
    public async Task TryRefuseAsync(string reason)
    {
        using var patience = new CancellationTokenSource(GoodbyeTimeout, clock);
        try
        {
            await Writer.WriteAsync(new Command.Failure(ByteString.FromUtf8(reason)), patience.Token);
        }
        catch (Exception exception) when (exception is ProtocolException or OperationCanceledException)
        {
            // It does not listen: there is nobody to tell.
        }
    }

    /// <summary>
    /// Ends the connection so that what was written arrives: a socket closed with bytes unread resets the connection, and the peer would
    /// lose our last words.
    /// </summary>
    public async Task SayGoodbyeAsync()
    {
        using var patience = new CancellationTokenSource(GoodbyeTimeout, clock);
        try
        {
            if (Stream is SslStream secure)
                await secure.ShutdownAsync();
            socket.Shutdown(SocketShutdown.Send);
            var rest = new byte[4096];
            while (await socket.ReceiveAsync(rest, patience.Token) > 0)
            {
                // What a peer still sends to a closed conversation is of no interest.
            }
        }
        catch (Exception exception)
            when (exception is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It went away first, or does not go.
        }
    }

    public void Dispose()
    {
        Reader.ReleaseMemory();
        Writer.Dispose();
        Stream.Dispose();
        socket.Dispose();
    }
}
