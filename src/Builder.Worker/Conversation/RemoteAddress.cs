using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Builder.Worker.Conversation;

/// <summary>Where a server listens: <c>name:port</c>, <c>192.0.2.1:port</c> or <c>[2001:db8::1]:port</c>.</summary>
public sealed record RemoteAddress(string Host, int Port)
{
    public static RemoteAddress Default { get; } = new("127.0.0.1", 1234);

    public static bool TryParse(string text, [NotNullWhen(true)] out RemoteAddress? address, [NotNullWhen(false)] out string? reason)
    {
        address = null;
        reason = $"\"{text}\" is not HOST:PORT, such as 127.0.0.1:1234, builds.example.org:1234 or [::1]:1234";
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            return false;
        var host = text[..colon];
        if (host is ['[', .. var inner, ']'])
        {
            if (!IPAddress.TryParse(inner, out _))
                return false;
            host = inner;
        }
        else if (host.Contains(':', StringComparison.Ordinal) || Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            return false;
        }
        address = new RemoteAddress(host, port);
        reason = null;
        return true;
    }

    public EndPoint ToEndPoint() => IPAddress.TryParse(Host, out var ip) ? new IPEndPoint(ip, Port) : new DnsEndPoint(Host, Port);

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
