using System.Net;
using System.Net.Sockets;
using Builder.Protocol.Listening;
using Builder.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Connections;

/// <summary>Accepts connections, as many at once as there are file descriptors for, and serves each on its own.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 1024;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);

    private readonly Socket socket;
    private readonly string? path;
    private readonly ConnectionSlots slots;
    private readonly TimeProvider clock;
    private readonly ILogger logger;

    private Listener(Socket socket, string? path, ConnectionSlots slots, TimeProvider clock, ILogger logger)
    {
        this.socket = socket;
        this.path = path;
        this.slots = slots;
        this.clock = clock;
        this.logger = logger;
    }

    public EndPoint Endpoint => socket.LocalEndPoint!;

    /// <summary>The only kind of peer that is let in; null for every kind.</summary>
    public PeerKind? OnlyKind { get; private init; }

    public static Listener OnTcp(IPEndPoint endpoint, ConnectionSlots slots, string option, TimeProvider clock, ILogger logger)
    {
        return new Listener(ListenSocket.Open(endpoint, Backlog, option), null, slots, clock, logger);
    }

    /// <summary>A socket in the file system that only its owner and group may use.</summary>
    /// <param name="onlyKind">Whose it is: a program that may open one of two sockets does not get at the rights of the other.</param>
    /// <exception cref="IOException">Something else stands there, or a server listens there; the message says which.</exception>
    public static Listener OnFile(string path, PeerKind onlyKind, ConnectionSlots slots, TimeProvider clock, ILogger logger)
    {
        SocketFile.RemoveLeftover(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Bind(socket, new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        socket.Listen(Backlog);
        return new Listener(socket, path, slots, clock, logger) { OnlyKind = onlyKind };
    }

    /// <summary>Accepts until cancelled; then waits for the connections it serves.</summary>
    public async Task ServeAsync(Func<Socket, CancellationToken, Task> serve, CancellationToken cancellationToken)
    {
        using var all = new CountdownEvent(1);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var pause = TimeSpan.Zero;
        try
        {
            while (true)
            {
                await slots.WaitAsync(cancellationToken);
                Socket connection;
                try
                {
                    connection = await socket.AcceptAsync(cancellationToken);
                }
                catch (SocketException exception)
                {
                    slots.Release();
                    if (pause == TimeSpan.Zero)
                        logger.CannotAccept(exception.Message);
                    pause =
                        pause == TimeSpan.Zero ? ShortestPause
                        : pause * 2 < MaxPause ? pause * 2
                        : MaxPause;
                    await Task.Delay(pause, clock, cancellationToken);
                    continue;
                }
                catch
                {
                    slots.Release();
                    throw;
                }
                if (pause > TimeSpan.Zero)
                    logger.AcceptsAgain();
                pause = TimeSpan.Zero;
                all.AddCount();
                _ = ServeOneAsync(connection);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (!all.Signal())
                await done.Task;
        }

        async Task ServeOneAsync(Socket connection)
        {
            await Task.Yield();
            try
            {
                await serve(connection, cancellationToken);
            }
            finally
            {
                connection.Dispose();
                slots.Release();
                if (all.Signal())
                    done.SetResult();
            }
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        if (path is not null)
            File.Delete(path);
    }

    private static void Bind(Socket socket, EndPoint endpoint)
    {
        try
        {
            socket.Bind(endpoint);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException($"cannot listen on {endpoint}: {exception.Message}", exception);
        }
    }
}
