using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Builder.Web.Options;

namespace Builder.Web.Http;

/// <summary>
/// How this site is reached, as <c>https://builds.example.org</c>: for lines to copy and whatever else names it in full. The operator says it
/// (<c>--public-url</c>), else the visitor's request does, and then only with a host that a shell takes for nothing but a name.
/// </summary>
internal static class SiteOrigin
{
    /// <summary>Stands in commands where nobody knows a host that may stand there.</summary>
    public const string UnknownHost = "HOST";

    private static readonly SearchValues<char> InHosts = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.:[]"
    );

    /// <summary>Never with a slash at the end. Pages that hold it are kept apart by it.</summary>
    public static string Of(HttpRequest request) =>
        request.HttpContext.RequestServices?.GetService<WebOptions>()?.PublicUrl is { } known
            ? Of(known)
            : $"{request.Scheme}://{(IsHost(request.Host) ? request.Host.Value : UnknownHost)}";

    public static string Of(Uri url) => url.GetLeftPart(UriPartial.Authority);

    /// <summary>A name or address, with a port or without.</summary>
    public static bool TryParseHost(string text, [NotNullWhen(true)] out HostString? host)
    {
        host = new HostString(text);
        if (IsHost(host.Value))
            return true;
        host = null;
        return false;
    }

    /// <summary>The scheme and host with nothing behind them: the pages' links begin at the root.</summary>
    /// <exception cref="WebOptionsException">It is something else; the message names it.</exception>
    public static void Require(Uri url)
    {
        var isWeb = url.IsAbsoluteUri && url.Scheme is "http" or "https" && IsHost(new HostString(url.Authority));
        if (!isWeb || url.AbsolutePath != "/" || url.UserInfo.Length + url.Query.Length + url.Fragment.Length > 0)
            throw new WebOptionsException(
                $"--public-url takes the scheme and host of the site, such as https://builds.example.org, not \"{url.OriginalString}\""
            );
    }

    private static bool IsHost(HostString host) =>
        host.HasValue
        && Uri.CheckHostName(host.Host) != UriHostNameType.Unknown
        && !host.Value.AsSpan().ContainsAnyExcept(InHosts)
        && (host.Port is not null || host.Value.Length == host.Host.Length || host.Value.Length == host.Host.Length + 2);
}
