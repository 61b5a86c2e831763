using System.Net.Sockets;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Benchmarks.Server;

/// <summary>An extended worker without jobs of its own: it holds a job for as long as it is told.</summary>
internal sealed class SimulatedWorker(string name) : IDisposable
{
    private static readonly ByteString Platform = ByteString.FromUtf8("debian-12");

    private readonly SemaphoreSlim writing = new(1, 1);
    private NetworkStream? stream;
    private FrameReader? reader;
    private FrameWriter? writer;
    private Task<BuildUuid>? taking;
    private BuildUuid uuid;
    private volatile bool hasAsked;

    public async Task AskAsync(int port)
    {
        await ConnectAsync(port);
        await RequestAsync();
    }

    public async Task ConnectAsync(int port)
    {
        await OpenAsync(port, PeerKind.Worker, ProtocolVersion.ExtendedWorker);
        await WriteAsync(new WorkerFacts(new IsolationTier(IsolationKind.Sandbox, "simulated"), Variations.None).ToCommand());
    }

    public async Task RequestAsync()
    {
        await WriteAsync(new Command.JobRequested(Platform));
        hasAsked = true;
    }

    /// <summary>Waits for its job; may be asked for more than once.</summary>
    public Task<BuildUuid> TakeAsync() => taking ??= ReadJobAsync();

    public async Task FinishAsync()
    {
        hasAsked = false;
        await WriteAsync(new Command.JobFinished(uuid, new ExecutionResult.Exited(0), []));
        if (await reader!.ReadAsync(CancellationToken.None) is not Command.Success)
            throw new InvalidOperationException("the server did not take the result");
        taking = null;
    }

    /// <summary>A sign of life, where it is connected.</summary>
    public async Task BeatAsync()
    {
        if (!hasAsked)
            return;
        try
        {
            await WriteAsync(new Command.Heartbeat());
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or Builder.Protocol.Der.ProtocolException)
        {
            // It connects anew at this moment.
        }
    }

    public async Task CommandAsync(int port, Command command)
    {
        await OpenAsync(port, PeerKind.Client, ProtocolVersion.ExtendedClient);
        await WriteAsync(command);
        if (await reader!.ReadAsync(CancellationToken.None) is var answer && answer is not Command.Success)
            throw new InvalidOperationException($"the server answered {answer}");
    }

    public async Task ApplyAsync(int port, string jobs)
    {
        await OpenAsync(port, PeerKind.Client, ProtocolVersion.ExtendedClient);
        await WriteAsync(new Command.Request(ByteString.FromUtf8("apply"), ByteString.FromUtf8(jobs)));
        if (await reader!.ReadAsync(CancellationToken.None) is var answer && answer is not Command.Answer)
            throw new InvalidOperationException($"the server answered {answer}");
    }

    public void Dispose()
    {
        writer?.Dispose();
        stream?.Dispose();
        writing.Dispose();
    }

    private async Task<BuildUuid> ReadJobAsync()
    {
        while (true)
        {
            switch (await reader!.ReadAsync(CancellationToken.None))
            {
                case Command.JobSchedule job:
                    return uuid = job.Uuid;
                case null or Command.Failure:
                    throw new InvalidOperationException($"{name} got no job");
            }
        }
    }

    private async Task OpenAsync(int port, PeerKind kind, long version)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        await writing.WaitAsync();
        try
        {
            writer?.Dispose();
            stream?.Dispose();
            stream = new NetworkStream(socket, ownsSocket: true);
            reader = new FrameReader(stream, FrameLimits.Default with { MaxMessageSize = 1L << 30 }, TimeProvider.System);
            writer = new FrameWriter(stream, FrameLimits.Default with { MaxMessageSize = 1L << 30 }, TimeProvider.System);
            await writer.WriteAsync(new Command.ClientHello(kind, version), CancellationToken.None);
            if (await reader.ReadAsync(CancellationToken.None) is not Command.ServerHello)
                throw new InvalidOperationException("the server did not greet");
            await writer.WriteAsync(new Command.PeerIdentity(ByteString.FromUtf8(name), ByteString.Empty), CancellationToken.None);
            if (await reader.ReadAsync(CancellationToken.None) is not Command.Success)
                throw new InvalidOperationException("the server did not welcome");
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task WriteAsync(Command command)
    {
        await writing.WaitAsync();
        try
        {
            await writer!.WriteAsync(command, CancellationToken.None);
        }
        finally
        {
            writing.Release();
        }
    }
}
