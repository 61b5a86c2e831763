using System.Net;
using System.Net.Sockets;

namespace Builder.Protocol.Listening;

/// <summary>
/// TCP sockets that no other program can share. .NET's <c>ReuseAddress</c> is <c>SO_REUSEPORT</c> on Linux (socket(7)): two servers could
/// listen on one port, and the kernel would give each connection to either of them.
/// </summary>
public static class ListenSocket
{
    /// <summary>A socket that listens. A port whose last connections are still in TIME-WAIT is free.</summary>
    /// <param name="endpoint">Port 0 takes any free one. <c>::</c> takes IPv4 as well.</param>
    /// <param name="option">The option that names another port, for the message.</param>
    /// <exception cref="IOException">The address cannot be had; the message says who has it and what to do.</exception>
    public static Socket Open(IPEndPoint endpoint, int backlog, string option)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            AllowTimeWait(socket);
            socket.Bind(endpoint);
            // Two may be bound to one port until one of them listens: only this says whose it is.
            socket.Listen(backlog);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException(Explain(endpoint, option, exception), exception);
        }
    }

    /// <summary><c>SO_REUSEADDR</c> alone: for listening sockets it lets nobody else in (Linux socket(7), ip(7)).</summary>
    private static void AllowTimeWait(Socket socket)
    {
        var (level, option) = OperatingSystem.IsLinux() ? (1, 2) : (0xFFFF, 4);
        Span<byte> value = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(value, 1);
        socket.SetRawSocketOption(level, option, value);
    }

    private static string Explain(IPEndPoint endpoint, string option, SocketException exception) =>
        exception.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse =>
                $"port {endpoint.Port} on {endpoint.Address} is in use by another program{PortHolder.Describe(endpoint)}; use {option} to choose another port",
            SocketError.AddressNotAvailable => $"cannot listen on {endpoint}: this machine does not have the address {endpoint.Address}",
            SocketError.AccessDenied =>
                $"cannot listen on {endpoint}: this user may not use port {endpoint.Port}; use {option} to choose another port",
            _ => $"cannot listen on {endpoint}: {exception.Message}",
        };
}
