namespace Builder.Web.Http;

/// <summary>
/// Said with every answer: nothing runs or loads here but our own files, nothing inline, and nobody frames us. Answers that carry
/// other people's content say something stricter in its place.
/// </summary>
internal static class SecurityHeaders
{
    private const string Pages =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>For artifacts: no script, no forms, no access to the site, whatever the browser takes the content for.</summary>
    public const string Sandbox = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'";

    /// <summary>For pictures, which carry their own style and script and stand in a frame of ours: an origin of their own.</summary>
    public const string Picture =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; sandbox allow-scripts; frame-ancestors 'self'";

    public static void UseSecurityHeaders(this IApplicationBuilder app) =>
        app.Use(
            static (context, next) =>
            {
                SetForPage(context.Response.Headers);
                return next(context);
            }
        );

    /// <summary>Also where an answer of ours takes the place of what was begun for other people's content.</summary>
    public static void SetForPage(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Pages;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
    }
}
