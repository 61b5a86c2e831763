using System.Net;
using System.Net.Sockets;
using Builder.Publishing.Outgoing;

namespace Builder.Publishing.Tests.Notifications;

public sealed class AllowedNetworksTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2001::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:db8::1")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("fd00::1")]
    [InlineData("ff02::1")]
    public async Task A_private_address_is_not_connected_to_unless_it_is_named(string text)
    {
        var address = IPAddress.Parse(text);
        Assert.False(AllowedNetworks.Public.Contains(address));
        var connector = new GuardedConnector(AllowedNetworks.Public, (_, _) => Task.FromResult<IPAddress[]>([address]));

        // By name, and as it stands in the address.
        foreach (var host in (string[])["receiver.example", address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{text}]" : text])
        {
            var exception = await Assert.ThrowsAsync<ForbiddenAddressException>(() => connector.ConnectAsync(host, 443, false, Stop));
            Assert.Contains("allow-private", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("2606:4700:4700::1111")]
    public void A_public_address_is_allowed(string text) => Assert.True(AllowedNetworks.Public.Contains(IPAddress.Parse(text)));

    [Fact]
    public void A_named_network_is_allowed_in_both_forms()
    {
        Assert.True(AllowedNetworks.TryParse("10.1.0.0/16", out var network));
        var allowed = new AllowedNetworks([network]);
        Assert.True(allowed.Contains(IPAddress.Parse("10.1.2.3")));
        Assert.True(allowed.Contains(IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.False(allowed.Contains(IPAddress.Parse("10.2.0.1")));
        Assert.False(AllowedNetworks.TryParse("10.1", out _));
        Assert.False(AllowedNetworks.TryParse("10.0.0.0/33", out _));
    }

    [Fact]
    public async Task A_name_that_changes_its_address_is_asked_for_once()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = 0;
        var connector = new GuardedConnector(
            new AllowedNetworks([IPNetwork.Parse("127.0.0.2/32")]),
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(asked++ == 0 ? "127.0.0.2" : "127.0.0.1")])
        );

        // The address that was checked is nobody's; the second one would have been connected to.
        await Assert.ThrowsAsync<SocketException>(() =>
            connector.ConnectAsync("rebinding.example", ((IPEndPoint)listener.LocalEndpoint).Port, false, Stop)
        );
        Assert.Equal(1, asked);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task Without_encryption_only_named_addresses_are_reached()
    {
        var connector = new GuardedConnector(AllowedNetworks.Public, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("1.1.1.1")]));

        var exception = await Assert.ThrowsAsync<ForbiddenAddressException>(() => connector.ConnectAsync("example.org", 80, true, Stop));

        Assert.Contains("use https", exception.Message, StringComparison.Ordinal);
    }
}
