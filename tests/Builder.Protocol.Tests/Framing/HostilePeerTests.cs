using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.StateFiles;

namespace Builder.Protocol.Tests.Framing;

/// <summary>Peers that mean harm, over real sockets.</summary>
public sealed class HostilePeerTests
{
    private static readonly Command Hello = new Command.ClientHello(PeerKind.Client, ProtocolVersion.Client);

    [Theory]
    [InlineData(1L << 62)]
    [InlineData(1L << 33)]
    [InlineData(1L << 30)]
    public async Task A_huge_claim_costs_its_own_connection_and_nothing_else(long claim)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var hostile = await ConnectAsync(listener);
        using var honest = await ConnectAsync(listener);
        using var servedHostile = await listener.AcceptTcpClientAsync(Token);
        using var servedHonest = await listener.AcceptTcpClientAsync(Token);
        var header = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(header, claim);
        await hostile.GetStream().WriteAsync(header, Token);
        await honest.GetStream().WriteAsync(FrameWriter.Encode(Hello), Token);

        var error = await Assert.ThrowsAsync<ProtocolException>(() => ReaderOf(servedHostile).ReadAsync(Token).AsTask());
        servedHostile.Close();

        Assert.Equal(ProtocolErrorReason.TooLong, error.Reason);
        Assert.Equal(0, await hostile.GetStream().ReadAsync(new byte[1], Token));
        Assert.Equal(Hello, await ReaderOf(servedHonest).ReadFirstMessageAsync(Token));
    }

    [Fact]
    public async Task A_peer_that_resets_the_connection_is_lost_and_the_error_says_so()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var peer = await ConnectAsync(listener);
        using var served = await listener.AcceptTcpClientAsync(Token);
        await peer.GetStream().WriteAsync(new byte[3], Token);
        peer.LingerState = new LingerOption(enable: true, seconds: 0);
        peer.Dispose();

        var error = await Assert.ThrowsAsync<ProtocolException>(() => ReaderOf(served).ReadAsync(Token).AsTask());

        Assert.Equal(ProtocolErrorReason.ConnectionLost, error.Reason);
    }

    /// <summary>183 KB of this took the original 3.6 s and 3.4 GB.</summary>
    [Fact]
    public void Nested_sequences_take_no_memory_to_speak_of()
    {
        var body = Nest(183_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ProtocolException>(() => CommandCodec.Decode(body));
        Assert.Throws<ProtocolException>(() => StateFile.Decode(body));
        Assert.Throws<ProtocolException>(() => ExecCodec.Decode(body));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    /// <summary>Well-formed sequences in each other, from the inside out.</summary>
    private static byte[] Nest(int size)
    {
        var bytes = new byte[size];
        var start = size;
        while (start > 6)
        {
            var length = size - start;
            if (length < 0x80)
            {
                bytes[--start] = (byte)length;
            }
            else
            {
                var octets = 0;
                for (var rest = length; rest > 0; rest >>= 8, octets++)
                    bytes[--start] = (byte)rest;
                bytes[--start] = (byte)(0x80 | octets);
            }
            bytes[--start] = 0x30;
        }
        return bytes[start..];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static FrameReader ReaderOf(TcpClient client) => new(client.GetStream(), FrameLimits.Default, TimeProvider.System);

    private static async Task<TcpClient> ConnectAsync(TcpListener listener)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Token);
        return client;
    }
}
