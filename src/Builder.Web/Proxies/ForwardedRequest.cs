using System.Net;
using Builder.Web.Options;

namespace Builder.Web.Proxies;

/// <summary>
/// Behind a proxy a request shows the proxy's address and how the proxy reaches this site. Where the operator trusts the proxy, its word for the visitor's address,
/// scheme and host takes their place; anybody else's headers change nothing.
/// </summary>
internal static class ForwardedRequest
{
    public static void UseForwarded(this WebApplication app, TrustedProxies proxies)
    {
        if (proxies.IsEmpty)
            return;
        app.Use(
            (http, next) =>
            {
                if (http.Connection.RemoteIpAddress is { } peer && proxies.Contains(peer))
                    Apply(http, Read(http.Request.Headers, TrustedProxies.Plain(peer), proxies));
                return next(http);
            }
        );
    }

    private static void Apply(HttpContext http, Visitor visitor)
    {
        if (visitor.Address is { } address)
        {
            http.Connection.RemoteIpAddress = address;
            http.Connection.RemotePort = 0;
        }
        if (visitor.Scheme is { } scheme)
            http.Request.Scheme = scheme;
        if (visitor.Host is { } host)
            http.Request.Host = new HostString(host);
    }

    /// <summary>
    /// A proxy that sends one kind of header may pass the other one on as the visitor wrote it. Where a request has both, only what both say counts.
    /// </summary>
    internal static Visitor Read(IHeaderDictionary headers, IPAddress peer, TrustedProxies proxies)
    {
        var standard = Walk(ForwardedHeaders.ReadStandard(headers[ForwardedHeaders.Standard]), peer, proxies);
        var customary = Walk(ForwardedHeaders.ReadCustomary(headers), peer, proxies);
        return standard is null ? customary ?? default
            : customary is null ? standard.Value
            : Common(standard.Value, customary.Value);
    }

    private static Visitor Common(Visitor one, Visitor other) =>
        new(
            Equals(one.Address, other.Address) ? one.Address : null,
            one.Scheme == other.Scheme ? one.Scheme : null,
            string.Equals(one.Host, other.Host, StringComparison.OrdinalIgnoreCase) ? one.Host : null
        );

    /// <summary>From the nearest hop outwards, as far as those who speak are trusted.</summary>
    private static Visitor? Walk(List<ForwardedHop> hops, IPAddress peer, TrustedProxies proxies)
    {
        if (hops.Count == 0)
            return null;
        var visitor = default(Visitor);
        var speaker = peer;
        for (var index = hops.Count - 1; index >= 0 && proxies.Contains(speaker); index--)
        {
            var hop = hops[index];
            visitor = new Visitor(hop.For ?? visitor.Address, hop.Scheme ?? visitor.Scheme, hop.Host ?? visitor.Host);
            if (hop.For is not { } before)
                break;
            speaker = before;
        }
        return visitor;
    }

    /// <summary>Null is what no trusted proxy says.</summary>
    internal readonly record struct Visitor(IPAddress? Address, string? Scheme, string? Host);
}
