using System.Net.Sockets;
using System.Text;
using Builder.Cli.Errors;
using Builder.Protocol.Values;

namespace Builder.Cli.Up;

/// <summary>
/// The sockets of <c>builder up</c> in its data directory, which only their owner reaches. Clients and workers have one each: who gets at
/// one of them has no rights of the other.
/// </summary>
internal sealed record UpSockets(string Directory)
{
    /// <summary>What <c>sun_path</c> holds beside its NUL (unix(7)).</summary>
    private const int MaxPathBytes = 107;

    public string Client => Path.Combine(Directory, "client.sock");

    public string Worker => Path.Combine(Directory, "worker.sock");

    public string Signer => Path.Combine(Directory, "signer.sock");

    public RemoteAddress ClientAddress => new("", 0, Client);

    public static UpSockets In(string root) => new(Path.Combine(root, "sockets"));

    /// <exception cref="CommandException">The data directory's name is too long for sockets.</exception>
    public void Prepare()
    {
        if (Encoding.UTF8.GetByteCount(Client) > MaxPathBytes)
            throw new CommandException(
                $"{Client} is too long: the path of a socket has {MaxPathBytes} bytes at most; use a shorter --datadir"
            );
        System.IO.Directory.CreateDirectory(Directory, UpDirectory.OwnerOnly);
        File.SetUnixFileMode(Directory, UpDirectory.OwnerOnly);
    }

    /// <summary>The client socket of the <c>builder up</c> with the default data directory; null where none runs.</summary>
    public static RemoteAddress? FindRunning()
    {
        var sockets = In(UpDirectory.Default);
        if (Encoding.UTF8.GetByteCount(sockets.Client) > MaxPathBytes || !File.Exists(sockets.Client))
            return null;
        using var trial = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            trial.Connect(new UnixDomainSocketEndPoint(sockets.Client));
            return sockets.ClientAddress;
        }
        catch (SocketException)
        {
            // A killed one left it there.
            return null;
        }
    }
}
