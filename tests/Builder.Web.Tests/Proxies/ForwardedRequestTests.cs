using System.Net;
using Builder.Web.Options;
using Builder.Web.Proxies;
using Microsoft.AspNetCore.Http;

namespace Builder.Web.Tests.Proxies;

/// <summary>What of the headers of proxies counts: as far as those who wrote them are trusted.</summary>
public sealed class ForwardedRequestTests
{
    private static readonly TrustedProxies Trusted = new([
        IPNetwork.Parse("127.0.0.1/32"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("2001:db8::/32"),
    ]);

    [Theory]
    [InlineData("for=192.0.2.1;proto=https;host=b.example", "192.0.2.1 https b.example")]
    [InlineData("For=\"[2001:db9::7]:4711\"; Proto=HTTPS", "2001:db9::7 https -")]
    [InlineData("for=\"192.0.2.1:80\";host=\"b.example:8443\"", "192.0.2.1 - b.example:8443")]
    [InlineData("for=6.6.6.6;host=evil, for=192.0.2.1;host=b.example", "192.0.2.1 - b.example")]
    [InlineData("for=192.0.2.1;proto=https, for=10.1.1.1;proto=http", "192.0.2.1 https -")]
    [InlineData("for=unknown;proto=https", "- https -")]
    [InlineData("for=_hidden;proto=https, for=10.0.0.2", "10.0.0.2 https -")]
    [InlineData("proto=https", "- https -")]
    [InlineData("for=192.0.2.1;host=\"a;id\"", "192.0.2.1 - -")]
    [InlineData("for=192.0.2.1;proto=javascript", "192.0.2.1 - -")]
    [InlineData("for=\"192.0.2.1", "- - -")]
    [InlineData("host=\"evil,for=1.2.3.4\";for=192.0.2.1", "192.0.2.1 - -")]
    [InlineData("for=1", "- - -")]
    [InlineData("===;;,,", "- - -")]
    public void The_standard_header_is_read_from_the_nearest_hop_outwards(string header, string visitor)
    {
        var headers = new HeaderDictionary { ["Forwarded"] = header };
        Assert.Equal(visitor, Read(headers));
    }

    [Theory]
    [InlineData("192.0.2.1", "https", "b.example", "192.0.2.1 https b.example")]
    [InlineData("6.6.6.6, 192.0.2.1", "https", null, "192.0.2.1 https -")]
    [InlineData("6.6.6.6, 192.0.2.1, 10.0.0.9", "https", "b.example", "192.0.2.1 https b.example")]
    [InlineData("192.0.2.1, 10.0.0.9", "https, http", "b.example, internal", "192.0.2.1 https b.example")]
    [InlineData("6.6.6.6, 192.0.2.1", "https, http", "evil, b.example", "192.0.2.1 http b.example")]
    [InlineData("2001:db9::7", null, null, "2001:db9::7 - -")]
    [InlineData("::ffff:192.0.2.1", null, null, "192.0.2.1 - -")]
    [InlineData("192.0.2.1:8080", null, null, "192.0.2.1 - -")]
    [InlineData("nonsense", "https", null, "- https -")]
    [InlineData("192.0.2.1, nonsense", null, null, "- - -")]
    [InlineData("10.0.0.1, 10.0.0.2", null, null, "10.0.0.1 - -")]
    [InlineData(null, "https", "$(id)", "- https -")]
    public void The_customary_headers_are_read_from_the_nearest_hop_outwards(
        string? addresses,
        string? schemes,
        string? hosts,
        string visitor
    )
    {
        var headers = new HeaderDictionary();
        if (addresses is not null)
            headers["X-Forwarded-For"] = addresses;
        if (schemes is not null)
            headers["X-Forwarded-Proto"] = schemes;
        if (hosts is not null)
            headers["X-Forwarded-Host"] = hosts;
        Assert.Equal(visitor, Read(headers));
    }

    [Fact]
    public void Headers_on_several_lines_are_one_list() =>
        Assert.Equal("192.0.2.1 - -", Read(new HeaderDictionary { ["X-Forwarded-For"] = new(["6.6.6.6", "192.0.2.1"]) }));

    /// <summary>A proxy that sets the one passes the other on as the visitor wrote it.</summary>
    [Fact]
    public void Where_both_kinds_are_there_only_what_both_say_counts() =>
        Assert.Equal(
            "- https -",
            Read(
                new HeaderDictionary
                {
                    ["Forwarded"] = "for=6.6.6.6;proto=https;host=evil.example",
                    ["X-Forwarded-For"] = "192.0.2.1",
                    ["X-Forwarded-Proto"] = "https",
                }
            )
        );

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.255.0.1", true)]
    [InlineData("2001:db8:1::1", true)]
    [InlineData("127.0.0.2", false)]
    [InlineData("11.0.0.1", false)]
    [InlineData("::1", false)]
    public void A_proxy_is_trusted_by_its_address(string address, bool isTrusted) =>
        Assert.Equal(isTrusted, Trusted.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("10.0.0.7", true)]
    [InlineData("::1", true)]
    [InlineData("fd00::/8", true)]
    [InlineData("10.0.0.1/8", true)]
    [InlineData("10.0.0.0/33", false)]
    [InlineData("proxy.example.org", false)]
    [InlineData("", false)]
    [InlineData("/", false)]
    public void A_proxy_is_named_by_an_address_or_a_network(string text, bool isOne)
    {
        Assert.Equal(isOne, TrustedProxies.TryParse(text, out _, out var reason));
        Assert.Equal(isOne, reason.Length == 0);
    }

    private static string Read(HeaderDictionary headers)
    {
        var visitor = ForwardedRequest.Read(headers, IPAddress.Loopback, Trusted);
        return $"{visitor.Address?.ToString() ?? "-"} {visitor.Scheme ?? "-"} {visitor.Host ?? "-"}";
    }
}
