using Builder.Web.Http;

namespace Builder.Web.Pages;

/// <summary>
/// Nothing is changed on the word of another site's page: a browser would send the visitor's password along. Browsers say where a request comes from; programs, which
/// send neither header, go on as ever.
/// </summary>
internal static class CrossSiteRequests
{
    public static void UseOriginCheck(this WebApplication app) =>
        app.Use(
            static (http, next) =>
                IsReading(http.Request.Method) || IsOurs(http.Request)
                    ? next(http)
                    : Problems.RefuseAsync(
                        http,
                        StatusCodes.Status403Forbidden,
                        "A page of another site sent this request, so nothing was done. If it was a page of this site, its operator names the site's address with --public-url."
                    )
        );

    private static bool IsReading(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    /// <summary>By <c>Sec-Fetch-Site</c> (W3C Fetch Metadata), else by <c>Origin</c> (RFC 6454 section 7).</summary>
    private static bool IsOurs(HttpRequest request)
    {
        var relation = request.Headers["Sec-Fetch-Site"];
        if (relation.Count > 0)
            return relation is ["same-origin" or "none"];
        return request.Headers.Origin.Count == 0 || (request.Headers.Origin is [{ } origin] && IsOurs(request, origin));
    }

    private static bool IsOurs(HttpRequest request, string origin)
    {
        if (
            !Uri.TryCreate(origin, UriKind.Absolute, out var page) || !Uri.TryCreate(SiteOrigin.Of(request), UriKind.Absolute, out var site)
        )
            return false;
        // Behind a proxy that says nothing, https looks like http from here; never the other way round.
        return (page.Scheme == site.Scheme || (page.Scheme == "https" && site.Scheme == "http"))
            && page.Authority
                == new UriBuilder(site) { Scheme = page.Scheme, Port = site.IsDefaultPort ? -1 : site.Port }
                    .Uri
                    .Authority;
    }
}
