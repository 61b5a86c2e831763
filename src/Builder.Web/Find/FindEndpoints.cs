using System.Globalization;
using Builder.Analysis.Advisories;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Find;

/// <summary>Where packages are, and which advisories apply.</summary>
internal static class FindEndpoints
{
    public static void MapFind(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/package/{ecosystem}/{name}",
            Verbs.Read,
            (HttpContext http, string ecosystem, string name, PageResponder pages, ContentIndexing indexing) =>
                pages.RespondAsync(http, page => PackageAsync(page, ecosystem, name, page.Query("versions")), Variant(indexing))
        );
        routes.MapMethods(
            "/package/{ecosystem}/{name}/{version}",
            Verbs.Read,
            (HttpContext http, string ecosystem, string name, string version, PageResponder pages, ContentIndexing indexing) =>
                pages.RespondAsync(
                    http,
                    page => PackageAsync(page, ecosystem, name, $"={Uri.UnescapeDataString(version)}"),
                    Variant(indexing)
                )
        );
        routes.MapMethods(
            $"{Href.Symbols}/{{name}}",
            Verbs.Read,
            (HttpContext http, string name, PageResponder pages, SymbolFinder finder, ContentIndexing indexing) =>
                pages.RespondAsync(
                    http,
                    page => SymbolAsync(page, finder, Uri.UnescapeDataString(name)),
                    Variant(indexing),
                    isExpensive: true
                )
        );
        routes.MapMethods(
            Href.Advisories,
            Verbs.Read,
            (HttpContext http, PageResponder pages, AdvisoryFolder folder) =>
                RespondAsync(http, pages, folder, (page, list) => AdvisoriesAsync(page, list))
        );
        routes.MapMethods(
            $"{Href.Advisories}/{{id}}",
            Verbs.Read,
            (HttpContext http, string id, PageResponder pages, AdvisoryFolder folder) =>
                RespondAsync(http, pages, folder, (page, list) => AdvisoryAsync(page, list, id))
        );
        routes.MapMethods(
            Href.AdvisoryFeed,
            Verbs.Read,
            (HttpContext http, PageResponder pages, AdvisoryFolder folder) =>
                RespondAsync(
                    http,
                    pages,
                    folder,
                    (page, list) => Task.FromResult<Answer?>(AdvisoryFeed.Make(page, list)),
                    SiteOrigin.Of(http.Request)
                )
        );
    }

    /// <summary>What the answer about a build depends on beside its job.</summary>
    public static string Variant(AdvisoryList list, ContentIndexing indexing) =>
        list.Stamp == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{list.Stamp}.{indexing.Version}");

    /// <summary>What an answer from the index depends on beside what pages see of the database.</summary>
    public static string Variant(ContentIndexing indexing) => indexing.Version.ToString(CultureInfo.InvariantCulture);

    private static Task RespondAsync(
        HttpContext http,
        PageResponder pages,
        AdvisoryFolder folder,
        Func<PageContext, AdvisoryList, Task<Answer?>> make,
        string variant = ""
    )
    {
        var list = folder.Current;
        return pages.RespondAsync(
            http,
            page => make(page, list),
            list.Stamp.ToString(CultureInfo.InvariantCulture) + variant,
            isExpensive: true
        );
    }

    private static async Task<Answer?> PackageAsync(PageContext page, string ecosystemName, string rawName, string? versions)
    {
        if (!EcosystemNames.TryParse(ecosystemName, out var ecosystem))
            return null;
        // Names of Go modules have slashes, which stay encoded in an address.
        var name = Uri.UnescapeDataString(rawName);
        var expression = new PackageExpression(ecosystem, name, null, null);
        if (versions is not null && !PackageExpression.TryParse(ecosystem, name, versions, out expression))
            return await Problems.MakeAsync(
                page.Http,
                page.Site,
                page.Now,
                StatusCodes.Status400BadRequest,
                "Not a constraint",
                "?versions= takes a comparison such as <1.0.4 or =2:6.2.1*."
            );
        var answer = await PackageFinder.FindAsync(
            page.Session,
            expression,
            new LatestBuilds(page.Session, page.StartLimit, page.Stop),
            page.Stop
        );
        if (answer.Versions.Count == 0)
            return null;
        return page.WantsJson
            ? Answer.Json(json => FindJson.Write(json, answer))
            : await Answer.PageAsync(Package.Create(new PackagePage(page.PageLayout($"Package {name}"), answer)));
    }

    private static async Task<Answer?> SymbolAsync(PageContext page, SymbolFinder finder, string name)
    {
        if (name.Length > SymbolFinder.MaxLength)
            return null;
        var latest = new LatestBuilds(page.Session, page.StartLimit, page.Stop);
        var answer = await finder.FindAsync(page.Session, name, latest, page.Stop);
        if (answer.Places.Count == 0)
            return null;
        return page.WantsJson
            ? Answer.Json(json => FindJson.Write(json, answer))
            : await Answer.PageAsync(SymbolView.Create(new SymbolPage(page.PageLayout($"Symbol {name}"), answer)));
    }

    private static async Task<Answer?> AdvisoriesAsync(PageContext page, AdvisoryList list)
    {
        var latest = new LatestBuilds(page.Session, page.StartLimit, page.Stop);
        var all = new List<AdvisoryPlaces>();
        foreach (var advisory in list.Advisories)
            all.Add(await AdvisoryPlaces.FindAsync(page.Session, advisory, list, latest, page.Stop));
        all = [.. all.OrderBy(static one => one.Affected == 0)];
        return page.WantsJson
            ? Answer.Json(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("advisories");
                foreach (var one in all)
                    FindJson.WriteSummary(json, one);
                json.WriteEndArray();
                json.WriteEndObject();
            })
            : await Answer.PageAsync(
                Advisories.Create(new AdvisoriesPage(page.PageLayout("Advisories") with { Feed = Href.AdvisoryFeed }, all))
            );
    }

    private static async Task<Answer?> AdvisoryAsync(PageContext page, AdvisoryList list, string id)
    {
        if (list.Find(id) is not { } advisory)
            return null;
        var latest = new LatestBuilds(page.Session, page.StartLimit, page.Stop);
        var places = await AdvisoryPlaces.FindAsync(page.Session, advisory, list, latest, page.Stop);
        return page.WantsJson
            ? Answer.Json(json => FindJson.Write(json, places))
            : await Answer.PageAsync(AdvisoryView.Create(new AdvisoryPage(page.PageLayout(advisory.Id), places)));
    }
}
