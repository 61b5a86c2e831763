using System.Net;

namespace Builder.Web.Proxies;

/// <summary>What one proxy says of the request that came to it. Null is what it does not say, or not so that it could be used.</summary>
internal readonly record struct ForwardedHop(IPAddress? For, string? Scheme, string? Host);
