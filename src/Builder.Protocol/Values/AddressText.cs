using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Builder.Protocol.Values;

/// <summary>
/// IP addresses in their usual form. C libraries, and .NET with them, also take <c>10.1</c> for 10.0.0.1, <c>010.0.0.1</c> for 8.0.0.1 and
/// <c>1</c> for 0.0.0.1: whoever writes one of these means something else.
/// </summary>
public static class AddressText
{
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address) && IsUsual(text, address);

    /// <summary>Whether this is taken for an IPv4 address although it has not four decimal numbers.</summary>
    public static bool IsShortForm(string text) => IPAddress.TryParse(text, out var address) && !IsUsual(text, address);

    private static bool IsUsual(string text, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text;
}
