using System.Net;
using System.Net.Sockets;

namespace Builder.Web.Accounts;

/// <summary>Addresses of this machine and of private networks (RFC 1918, RFC 4193, RFC 6598, link-local).</summary>
internal static class LocalNetwork
{
    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fe80::/10"),
    ];

    public static bool Has(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(plain)
            || Array.Exists(
                Private,
                network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(Unscoped(plain))
            );
    }

    private static IPAddress Unscoped(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;
}
