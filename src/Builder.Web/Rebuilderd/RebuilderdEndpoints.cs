using System.Globalization;
using System.Text.Json;
using Builder.Proof.Keys;
using Builder.Storage.Rebuilders;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Rebuilderd;

/// <summary>
/// The reading half of rebuilderd's HTTP interface (0.28, <c>/api/v1</c> and what <c>debian-repro-status</c> asks of <c>/api/v0</c>), and the address of
/// apt-transport-in-toto: programs of distributions ask a site as they ask a rebuilder.
/// </summary>
internal static class RebuilderdEndpoints
{
    private const int UsualLimit = 1000;
    private const string Api = "/api/v1";

    public static void MapRebuilderd(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/api/v0/pkgs/list", async page => Array(await RebuilderdPackages.AllAsync(page), Site(page)));
        Map(routes, $"{Api}/packages/binary", page => ListAsync(page, (one, json) => one.WriteBinary(json, Site(page))));
        Map(routes, $"{Api}/packages/binary/{{id}}", page => OneAsync(page, (one, json) => one.WriteBinary(json, Site(page))));
        Map(routes, $"{Api}/packages/source", static page => ListAsync(page, static (one, json) => one.WriteSource(json)));
        Map(routes, $"{Api}/packages/source/{{id}}", static page => OneAsync(page, static (one, json) => one.WriteSource(json)));
        Map(routes, $"{Api}/builds", static page => ListAsync(page, static (one, json) => one.WriteBuild(json)));
        Map(routes, $"{Api}/builds/{{id}}", static page => OneAsync(page, static (one, json) => one.WriteBuild(json)));
        Map(routes, $"{Api}/builds/{{id}}/log", LogAsync);
        Map(
            routes,
            $"{Api}/builds/{{id}}/artifacts",
            static page =>
                OneAsync(
                    page,
                    static (one, json) =>
                    {
                        json.WriteStartArray();
                        one.WriteArtifact(json);
                        json.WriteEndArray();
                    }
                )
        );
        Map(
            routes,
            $"{Api}/builds/{{id}}/artifacts/{{artifact}}",
            static page => OneAsync(page, static (one, json) => one.WriteArtifact(json))
        );
        Map(
            routes,
            $"{Api}/builds/{{id}}/artifacts/{{artifact}}/attestation",
            static async page =>
                await FindAsync(page) is { } one && await RebuilderdPackages.LinkAsync(page, one, isNamedAfterFile: true) is { } link
                    ? Answer.Document(link, "application/json; charset=utf-8")
                    : null
        );
        Map(routes, $"{Api}/dashboard", DashboardAsync);
        Map(routes, $"{Api}/meta/distributions", static page => Task.FromResult<Answer?>(Texts([RebuilderdPackage.Distribution])));
        Map(
            routes,
            $"{Api}/meta/distributions/{{distribution}}/releases",
            static page => MetaAsync(page, static one => one.Package.Branch)
        );
        Map(
            routes,
            $"{Api}/meta/distributions/{{distribution}}/architectures",
            static page => MetaAsync(page, static one => one.Package.Architecture)
        );
        Map(
            routes,
            $"{Api}/meta/distributions/{{distribution}}/releases/{{release}}/architectures",
            static page => MetaAsync(page, static one => one.Package.Architecture)
        );
        Map(routes, $"{Api}/meta/public-keys", KeysAsync);
        Map(routes, "/sources/{name}/{version}/metadata", SourceLinkAsync);
    }

    private static void Map(IEndpointRouteBuilder routes, string path, Func<PageContext, Task<Answer?>> make) =>
        routes.MapMethods(
            path,
            Verbs.Read,
            (HttpContext http, PageResponder pages) => pages.RespondAsync(http, make, SiteOrigin.Of(http.Request))
        );

    /// <summary>What the query asks for, in the order of ids. A page is what comes after the last id: clients go on until one is empty.</summary>
    private static async Task<Answer?> ListAsync(PageContext page, Action<RebuilderdPackage, Utf8JsonWriter> write)
    {
        var all = (await RebuilderdPackages.AllAsync(page, page.Query("name"), page.Query("release")))
            .Where(one => IsAsked(page, one))
            .ToList();
        var isDescending = page.Query("direction") == "Descending";
        var (after, before) = (Number(page, "after"), Number(page, "before"));
        var rows = all.Where(one => after is null || (isDescending ? one.Id < after : one.Id > after))
            .Where(one => before is null || (isDescending ? one.Id > before : one.Id < before));
        var limit = (int)Math.Clamp(Number(page, "limit") ?? UsualLimit, 1, UsualLimit);
        List<RebuilderdPackage> shown = [.. (isDescending ? rows.Reverse() : rows).Take(limit)];
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total", all.Count);
            json.WriteStartArray("records");
            foreach (var one in shown)
                write(one, json);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static bool IsAsked(PageContext page, RebuilderdPackage one) =>
        (page.Query("distribution") ?? RebuilderdPackage.Distribution) == RebuilderdPackage.Distribution
        && (page.Query("component") ?? RebuilderdPackage.Component) == RebuilderdPackage.Component
        && (page.Query("architecture") is not { } architecture || architecture == one.Package.Architecture)
        && (page.Query("version") is not { } version || version == one.Package.Version);

    private static async Task<Answer?> OneAsync(PageContext page, Action<RebuilderdPackage, Utf8JsonWriter> write) =>
        await FindAsync(page) is { } one ? Answer.Json(json => write(one, json)) : null;

    private static async Task<RebuilderdPackage?> FindAsync(PageContext page)
    {
        var route = page.Http.Request.RouteValues;
        return
            long.TryParse(route["id"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && (route.GetValueOrDefault("artifact") is not string artifact || artifact == id.ToString(CultureInfo.InvariantCulture))
            ? (await RebuilderdPackages.AllAsync(page)).Find(one => one.Id == id)
            : null;
    }

    private static async Task<Answer?> LogAsync(PageContext page) =>
        await FindAsync(page) is { } one ? Answer.Redirect(StatusCodes.Status302Found, Href.Part(one.Job, one.Build, "console")) : null;

    private static async Task<Answer?> DashboardAsync(PageContext page)
    {
        var all = await RebuilderdPackages.AllAsync(page);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("rebuilds");
            json.WriteNumber("good", all.Count(static one => one.Status == RebuilderdPackage.Good));
            json.WriteNumber("bad", all.Count(static one => one.Status == RebuilderdPackage.Bad));
            json.WriteNumber("fail", 0);
            json.WriteNumber("unknown", all.Count(static one => one.Status == RebuilderdPackage.Unknown));
            json.WriteEndObject();
            json.WriteStartObject("jobs");
            foreach (var state in (string[])["running", "available", "pending"])
                json.WriteNumber(state, 0);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static async Task<Answer?> MetaAsync(PageContext page, Func<RebuilderdPackage, string> of)
    {
        var route = page.Http.Request.RouteValues;
        if (route["distribution"] as string != RebuilderdPackage.Distribution)
            return Texts([]);
        var packages = await RebuilderdPackages.AllAsync(page, release: route.GetValueOrDefault("release") as string);
        return Texts(packages.Select(of).Distinct().Order(StringComparer.Ordinal));
    }

    private static async Task<Answer?> KeysAsync(PageContext page)
    {
        var keys = await RebuilderRows.AllAsync(page.Session, page.Stop);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("current");
            foreach (var key in keys.Where(static key => key.IsInUse))
                json.WriteStringValue(VerificationKey.FromSubjectPublicKeyInfo(key.PublicKey).ToPem());
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static async Task<Answer?> SourceLinkAsync(PageContext page)
    {
        var route = page.Http.Request.RouteValues;
        var packages = await RebuilderdPackages.AllAsync(page, route["name"] as string);
        foreach (var one in packages.Where(one => one.Package.Version == route["version"] as string))
        {
            if (await RebuilderdPackages.LinkAsync(page, one, isNamedAfterFile: false) is { } link)
                return Answer.Document(link, "application/json; charset=utf-8");
        }
        return null;
    }

    private static Answer Array(IEnumerable<RebuilderdPackage> packages, string site) =>
        Answer.Json(json =>
        {
            json.WriteStartArray();
            foreach (var one in packages)
                one.WriteRelease(json, site);
            json.WriteEndArray();
        });

    private static Answer Texts(IEnumerable<string> texts) =>
        Answer.Json(json =>
        {
            json.WriteStartArray();
            foreach (var text in texts)
                json.WriteStringValue(text);
            json.WriteEndArray();
        });

    private static string Site(PageContext page) => SiteOrigin.Of(page.Http.Request);

    private static long? Number(PageContext page, string name) =>
        long.TryParse(page.Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
