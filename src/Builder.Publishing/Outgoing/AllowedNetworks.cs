using System.Net;
using System.Net.Sockets;
using Builder.Protocol.Values;

namespace Builder.Publishing.Outgoing;

/// <summary>
/// Where connections to addresses of others' choice may go: to public unicast addresses, and to those that the operator names. Everything else leads into
/// the operator's own networks.
/// </summary>
/// <param name="Named">Networks that are not public, and allowed.</param>
public sealed record AllowedNetworks(IReadOnlyList<IPNetwork> Named)
{
    /// <summary>RFC 6890 and IANA's registry of special-purpose addresses: what is not on the internet.</summary>
    private static readonly IPNetwork[] NotPublic =
    [
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("192.88.99.0/24"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"),
        IPNetwork.Parse("224.0.0.0/3"),
    ];

    private static readonly IPNetwork Unicast = IPNetwork.Parse("2000::/3");

    /// <summary>Within unicast: Teredo and 6to4 hold IPv4 addresses, ORCHID and documentation are nobody's.</summary>
    private static readonly IPNetwork[] NotPublicUnicast =
    [
        IPNetwork.Parse("2001::/23"),
        IPNetwork.Parse("2001:db8::/32"),
        IPNetwork.Parse("2002::/16"),
        IPNetwork.Parse("3fff::/20"),
    ];

    public static AllowedNetworks Public { get; } = new([]);

    /// <summary>Whether a connection may go there.</summary>
    public bool Contains(IPAddress address)
    {
        var plain = Plain(address);
        return IsPublic(plain) || IsNamed(plain);
    }

    /// <summary>Whether the operator named it.</summary>
    public bool IsNamed(IPAddress address)
    {
        var plain = Plain(address);
        return Named.Any(network => network.Contains(plain));
    }

    /// <summary>Reads an address (<c>10.0.0.7</c>, <c>::1</c>) or a network (<c>10.0.0.0/8</c>).</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (AddressText.TryParse(text, out var address))
        {
            address = Plain(address);
            network = new IPNetwork(address, 8 * address.GetAddressBytes().Length);
            return true;
        }
        network = default;
        return text.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            && AddressText.TryParse(text[..slash], out _)
            && IPNetwork.TryParse(text, out network);
    }

    private static bool IsPublic(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork
            ? !Array.Exists(NotPublic, network => network.Contains(address))
            : address.ScopeId == 0 && Unicast.Contains(address) && !Array.Exists(NotPublicUnicast, network => network.Contains(address));

    /// <summary>An IPv4 address may stand in IPv6 as <c>::ffff:127.0.0.1</c>.</summary>
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
