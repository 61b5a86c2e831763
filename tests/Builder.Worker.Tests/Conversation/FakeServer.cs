using System.Net;
using System.Net.Sockets;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Worker.Tests.Conversation;

/// <summary>A server on a real socket that does what a test says.</summary>
internal sealed class FakeServer : IDisposable
{
    private readonly TcpListener listener;

    public FakeServer(IPAddress? address = null)
    {
        listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        listener.Start();
    }

    public RemoteAddress Address => new(((IPEndPoint)listener.LocalEndpoint).Address.ToString(), ((IPEndPoint)listener.LocalEndpoint).Port);

    /// <summary>Somebody has connected and was not accepted yet.</summary>
    public bool IsAsked => listener.Pending();

    public async Task<Peer> AcceptAsync() => new(await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken));

    public void Dispose() => listener.Dispose();

    /// <summary>A worker that has connected.</summary>
    internal sealed class Peer(TcpClient client) : IDisposable
    {
        private readonly FrameReader reader = new(client.GetStream(), FrameLimits.Default, TimeProvider.System);
        private readonly FrameWriter writer = new(client.GetStream(), FrameLimits.Default, TimeProvider.System);

        public NetworkStream Stream => client.GetStream();

        public async Task<Command?> ReadAsync() => await reader.ReadAsync(TestContext.Current.CancellationToken);

        public async Task WriteAsync(Command command) => await writer.WriteAsync(command, TestContext.Current.CancellationToken);

        /// <summary>Everything up to the job, as the original's server does it.</summary>
        public async Task<BuildUuid> GiveAsync(string script)
        {
            Assert.Equal(new Command.ClientHello(PeerKind.Worker, ProtocolVersion.Worker), await ReadAsync());
            await WriteAsync(new Command.ServerHello());
            Assert.IsType<Command.JobRequested>(await ReadAsync());
            var uuid = BuildUuid.NewRandom();
            await WriteAsync(new Command.JobSchedule(uuid, ScriptOf(script)));
            return uuid;
        }

        /// <summary>The console up to the result, and the result.</summary>
        public async Task<(List<string> Lines, Command.JobFinished Finished)> TakeAsync()
        {
            var lines = new List<string>();
            while (true)
            {
                switch (await ReadAsync())
                {
                    case Command.Output output:
                        lines.Add(output.Line.ToString());
                        break;
                    case Command.JobFinished finished:
                        return (lines, finished);
                    case var other:
                        Assert.Fail($"unexpected {other}");
                        break;
                }
            }
        }

        public void Dispose() => client.Dispose();

        public static ScriptJob ScriptOf(string script) =>
            new(ByteString.FromUtf8("job"), ByteString.FromUtf8("debian-12"), ByteString.FromUtf8(script));
    }
}
