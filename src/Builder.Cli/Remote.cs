using System.Globalization;
using System.Net.Sockets;

namespace Builder.Cli;

/// <summary>Where a server is: <c>HOST:PORT</c>, <c>HOST</c>, <c>[::1]:PORT</c>, or <c>unix:PATH</c> for its local socket.</summary>
internal sealed record Remote(string Host, int Port, string? Path = null)
{
    public const int DefaultPort = 1234;

    private const string UnixPrefix = "unix:";

    public static Remote Default { get; } = new("127.0.0.1", DefaultPort);

    public static bool TryParse(string text, out Remote remote, out string reason)
    {
        remote = Default;
        reason = $"\"{text}\" is not an address such as 127.0.0.1:1234, [::1]:1234, builds.example.org:1234 or unix:/run/builder/socket";
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal) && text.Length > UnixPrefix.Length)
        {
            remote = new Remote("", 0, text[UnixPrefix.Length..]);
            return true;
        }
        var colon = text.LastIndexOf(':');
        var isBracketed = text.StartsWith('[') && text.Contains(']', StringComparison.Ordinal);
        // More than one colon outside brackets: a bare IPv6 address.
        if (colon < 0 || (isBracketed ? text.EndsWith(']') : text.IndexOf(':') != colon))
        {
            remote = new Remote(text.Trim('[', ']'), DefaultPort);
            return remote.Host.Length > 0;
        }
        if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            return false;
        remote = new Remote(text[..colon].Trim('[', ']'), port);
        return remote.Host.Length > 0;
    }

    /// <exception cref="SocketException">Nobody listens there, or there is no such host.</exception>
    public async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = Path is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (Path is null)
                await socket.ConnectAsync(Host, Port, cancellationToken);
            else
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override string ToString() =>
        Path is not null ? UnixPrefix + Path : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
