using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Rebuilders;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Rebuilders;

/// <summary>
/// Keeps from everybody the files of builds that wait for rebuilders, and whatever holds their hashes. Scripts, consoles and recorded inputs stay: they are what
/// rebuilders need.
/// </summary>
internal static class Withholding
{
    /// <summary>Parts of a build that are shown all the same; its page and the list of statements hide hashes themselves.</summary>
    private static readonly string[] Shown = ["", "/script", "/console", "/log", "/rebuilders", "/advisories", "/vizdependencies"];

    /// <summary>Files with recorded inputs.</summary>
    private static readonly string[] Inputs = ["opam-switch", "build-inputs", "build-environment", "system-packages"];

    /// <summary>To be used after routing: routes say what is a build.</summary>
    public static void UseWithholding(this WebApplication app) => app.Use(GuardAsync);

    private static async Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        var route = http.Request.RouteValues;
        var builds = ((string[])["build", "left", "right"])
            .Select(name => BuildUuid.TryParse(route.GetValueOrDefault(name) as string, out var uuid) ? uuid : (BuildUuid?)null)
            .OfType<BuildUuid>()
            .ToList();
        var isReading = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        if (builds.Count == 0 || !isReading || IsShown(http.Request))
        {
            await next(http);
            return;
        }
        Quorum? withheld = null;
        var database = http.RequestServices.GetRequiredService<BuilderDatabase>();
        await using (var session = await database.OpenReadAsync(http.RequestAborted))
        {
            foreach (var build in await QuorumRows.WithheldAsync(session, builds, http.RequestAborted))
                withheld = await QuorumRows.OfBuildAsync(session, build, http.RequestAborted);
        }
        if (withheld is null)
        {
            await next(http);
            return;
        }
        var pages = http.RequestServices.GetRequiredService<PageResponder>();
        http.Response.Headers.CacheControl = "no-store";
        await (await RefusalAsync(http, pages.Site, pages.Now, withheld)).SendAsync(http);
    }

    public static ValueTask<Answer> RefusalAsync(HttpContext http, SiteInfo site, Timestamp now, Quorum quorum) =>
        Problems.MakeAsync(
            http,
            site,
            now,
            StatusCodes.Status403Forbidden,
            "Withheld",
            $"This build {quorum.Waiting}. Until then nobody gets its files or their hashes."
        );

    private static bool IsShown(HttpRequest request)
    {
        // As written: a name with an encoded slash is no other part.
        var part = RawTarget.Of(request).PathFrom(segment: 5);
        return request.Path.StartsWithSegments("/activity")
            || (
                request.Path.StartsWithSegments("/job")
                && (part.StartsWith("/f/", StringComparison.Ordinal) ? Inputs.Contains(part[3..]) : Shown.Contains(part))
            );
    }
}
