using System.Net.Sockets;
using Builder.Protocol;
using Builder.Protocol.Framing;

namespace Builder.Cli.Client;

/// <summary>A client's conversation with a server: one command, its answers, the end.</summary>
internal sealed class ServerConnection : IDisposable
{
    /// <summary>Answers to a client can be long: the whole schedule, each script in it.</summary>
    private static readonly FrameLimits Limits = FrameLimits.Default with { LongestMessage = 1L << 30 };

    private readonly Remote remote;
    private readonly Stream stream;
    private readonly FrameReader reader;
    private readonly FrameWriter writer;

    private ServerConnection(Remote remote, Stream stream)
    {
        this.remote = remote;
        this.stream = stream;
        reader = new FrameReader(stream, Limits, TimeProvider.System);
        writer = new FrameWriter(stream, Limits, TimeProvider.System);
    }

    /// <exception cref="UnreachableException">Nobody listens there.</exception>
    public static async Task<ServerConnection> OpenAsync(Remote remote, CancellationToken cancellationToken)
    {
        try
        {
            var socket = await remote.ConnectAsync(cancellationToken);
            var connection = new ServerConnection(remote, new NetworkStream(socket, ownsSocket: true));
            await connection.writer.WriteAsync(new Command.ClientHello(PeerKind.Client, ProtocolVersion.Client), cancellationToken);
            if (await connection.reader.ReadHelloAsync(cancellationToken) is Command.ServerHello)
                return connection;
            connection.Dispose();
            throw new CommandException($"{remote} is no builder server, or one that does not speak version {ProtocolVersion.Client}");
        }
        catch (SocketException error)
        {
            throw new UnreachableException($"the server at {remote} cannot be reached: {error.Message}");
        }
        catch (ProtocolException error)
        {
            throw new UnreachableException($"the server at {remote}: {error.Message}");
        }
    }

    /// <summary>Sends the command and gives every answer before the final success to <paramref name="take"/>.</summary>
    /// <exception cref="CommandException">The server said no, or broke the protocol.</exception>
    public async Task AskAsync(Command command, Func<Command, Task> take, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(command, cancellationToken);
            while (true)
            {
                switch (await reader.ReadAsync(cancellationToken))
                {
                    case Command.Success:
                        return;
                    case Command.Failure(var reason):
                        throw new CommandException(Printable.Of(reason));
                    case null:
                        throw new UnreachableException($"the server at {remote} ended the conversation");
                    case var answer:
                        await take(answer);
                        break;
                }
            }
        }
        catch (ProtocolException error)
        {
            throw new UnreachableException($"the server at {remote}: {error.Message}");
        }
    }

    public void Dispose()
    {
        writer.Dispose();
        stream.Dispose();
    }
}
