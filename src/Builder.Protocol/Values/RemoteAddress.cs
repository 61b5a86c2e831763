using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Builder.Protocol.Values;

/// <summary>
/// Where a server listens: <c>name:port</c>, <c>192.0.2.1:port</c> or <c>[2001:db8::1]:port</c>, each also without the port, or
/// <c>unix:path</c> for its local socket.
/// </summary>
public sealed record RemoteAddress(string Host, int Port, string? Path = null)
{
    public const int DefaultPort = 1234;

    private const string UnixPrefix = "unix:";

    public static RemoteAddress Default { get; } = new("127.0.0.1", DefaultPort);

    /// <summary>True where what is sent there does not leave this machine.</summary>
    public bool IsThisMachine =>
        Path is not null || Host == "localhost" || (IPAddress.TryParse(Host, out var ip) && IPAddress.IsLoopback(ip));

    public static bool TryParse(string text, [NotNullWhen(true)] out RemoteAddress? address, [NotNullWhen(false)] out string? reason)
    {
        address = Parse(text);
        reason = address is null
            ? $"\"{text}\" is not an address such as 127.0.0.1:1234, builds.example.org:1234, [::1]:1234 or unix:/run/builder/socket"
            : null;
        return address is not null;
    }

    /// <exception cref="SocketException">Nobody listens there, or there is no such host.</exception>
    public async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = Path is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(ToEndPoint(), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override string ToString() =>
        Path is not null ? UnixPrefix + Path
        : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}"
        : $"{Host}:{Port}";

    private static RemoteAddress? Parse(string text)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
            return text.Length > UnixPrefix.Length ? new RemoteAddress("", 0, text[UnixPrefix.Length..]) : null;
        // A colon within brackets is part of an address; without them an IPv6 address and a port cannot be told apart.
        var colon = text.IndexOf(':', text.IndexOf(']') + 1);
        var host = colon < 0 ? text : text[..colon];
        var port = (ushort)DefaultPort;
        if (
            colon >= 0
            && (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port == 0)
        )
            return null;
        if (host is ['[', .. var inner, ']'])
            return IPAddress.TryParse(inner, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6
                ? new RemoteAddress(inner, port)
                : null;
        if (AddressText.IsShortForm(host))
            return null;
        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 ? new RemoteAddress(host, port) : null;
    }

    private EndPoint ToEndPoint() =>
        Path is not null ? new UnixDomainSocketEndPoint(Path)
        : IPAddress.TryParse(Host, out var ip) ? new IPEndPoint(ip, Port)
        : new DnsEndPoint(Host, Port);
}
