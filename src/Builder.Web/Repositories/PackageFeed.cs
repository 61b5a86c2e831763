using Builder.Protocol.Values;
using Builder.Publishing.Packages;
using Builder.Publishing.Queue;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Repositories;

/// <summary>Published packages as an Atom feed, the newest builds first.</summary>
internal static class PackageFeed
{
    private const int MaxEntries = 100;

    public static void MapPackageFeed(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(
            Href.PackageFeed,
            Verbs.Read,
            (HttpContext http, PageResponder pages) =>
                pages.RespondAsync(
                    http,
                    page => AnswerAsync(page, http.RequestServices.GetService<PublishingQueue>()),
                    SiteOrigin.Of(http.Request),
                    isExpensive: true
                )
        );

    private static async Task<Answer?> AnswerAsync(PageContext page, PublishingQueue? queue)
    {
        // Other processes publish, too.
        page.Moment.ChangesWithin(PublishingHost.NoticedWithin);
        var entries = new List<AtomEntry>();
        if (queue?.Repositories is { } set)
        {
            foreach (var branch in set.Debian?.Distributions ?? [])
                await AddAsync(page, Href.Apt, branch, await set.Debian!.ListAsync(branch, page.Stop), entries);
            foreach (var branch in set.FreeBsd?.Abis ?? [])
                await AddAsync(page, Href.Pkg, branch, await set.FreeBsd!.ListAsync(branch, page.Stop), entries);
        }
        return AtomFeed.Make(
            page,
            $"Packages · {page.Site.Title}",
            Href.PackageFeed,
            page.Site.Packages ?? "/",
            [.. entries.OrderByDescending(static entry => entry.Updated, StringComparer.Ordinal).Take(MaxEntries)]
        );
    }

    private static async Task AddAsync(
        PageContext page,
        string path,
        string branch,
        IReadOnlyList<PublishedPackage> packages,
        List<AtomEntry> entries
    )
    {
        var started = await StartsAsync(page, packages);
        foreach (var package in packages)
        {
            var shown = $"{path}{Href.Query("branch", branch)}";
            entries.Add(
                new AtomEntry(
                    $"{shown}#{Href.Segment($"{package.Name}_{package.Version}_{package.Architecture}")}",
                    $"{package.Name} {package.Version} for {branch} ({package.Architecture})",
                    package.BuildUuid is { } uuid && started.TryGetValue(uuid, out var time) ? AtomFeed.Time(time) : AtomFeed.Unknown,
                    package is { Job: { } job, BuildUuid: { } build } && BuildUuid.TryParse(build, out var parsed)
                        ? Href.Build(job, parsed)
                        : shown,
                    package.Sha256 is { } hash ? $"{package.FileName}, SHA-256 {hash}" : package.FileName
                )
            );
        }
    }

    private static async Task<Dictionary<string, Timestamp>> StartsAsync(PageContext page, IReadOnlyList<PublishedPackage> packages)
    {
        var started = new Dictionary<string, Timestamp>(StringComparer.Ordinal);
        var uuids = packages.Select(static package => package.BuildUuid).OfType<string>().Distinct();
        foreach (var piece in Storage.Database.SqlValues.Pieces(uuids, none: ""))
        {
            var rows = await page.Session.QueryAsync(
                $"SELECT uuid, start_d, start_ps FROM build WHERE uuid IN ({Storage.Database.SqlValues.List})",
                static row => (Uuid: row.Text(0), Started: row.Timestamp(1)),
                page.Stop,
                piece
            );
            foreach (var (uuid, time) in rows)
                started[uuid] = time;
        }
        return started;
    }
}
