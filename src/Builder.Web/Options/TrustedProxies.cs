using System.Net;
using Builder.Protocol.Values;

namespace Builder.Web.Options;

/// <summary>The addresses whose word for a visitor's address, scheme and host counts. Nobody's does unless the operator says so.</summary>
public sealed class TrustedProxies
{
    private readonly IPNetwork[] networks;

    public TrustedProxies(IReadOnlyList<IPNetwork> networks) => this.networks = [.. networks];

    public static TrustedProxies None { get; } = new([]);

    public bool IsEmpty => networks.Length == 0;

    /// <summary>Reads an address (<c>10.0.0.7</c>, <c>::1</c>) or a network (<c>10.0.0.0/8</c>).</summary>
    /// <param name="reason">What is wrong, and how to write it.</param>
    public static bool TryParse(string text, out IPNetwork network, out string reason)
    {
        reason = "";
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 && AddressText.TryParse(text, out var address))
        {
            address = Plain(address);
            network = new IPNetwork(address, 8 * address.GetAddressBytes().Length);
            return true;
        }
        if (slash > 0 && AddressText.TryParse(text[..slash], out _) && IPNetwork.TryParse(text, out network))
            return true;
        network = default;
        reason = $"\"{text}\" is not an address such as 127.0.0.1 or a network such as 10.0.0.0/8";
        return false;
    }

    public bool Contains(IPAddress address)
    {
        var plain = Plain(address);
        return Array.Exists(networks, network => network.Contains(plain));
    }

    /// <summary>A socket that takes both families shows IPv4 peers as <c>::ffff:192.0.2.1</c>.</summary>
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
