using Builder.Analysis.Advisories;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Rebuilders;
using Builder.Web.Builds;
using Builder.Web.Find;
using Builder.Web.Home;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;
using Builder.Web.Statements;

namespace Builder.Web.Search;

internal static class SearchEndpoints
{
    private const int MaxFound = 200;

    /// <summary>Of what begins with the digits that were asked for.</summary>
    private const int MaxBuildsFound = 20;

    /// <summary>Of each ecosystem.</summary>
    private const int MaxPackagesFound = 20;

    public static void MapSearch(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/hash",
            Verbs.Read,
            (HttpContext http, PageResponder pages, NewestOfContent newest) => pages.RespondAsync(http, page => HashAsync(page, newest))
        );
        routes.MapMethods(
            Href.Search,
            Verbs.Read,
            (HttpContext http, PageResponder pages, NewestOfContent newest) =>
                pages.RespondAsync(http, page => SearchAsync(page, newest), isExpensive: IsOfWords(http.Request))
        );
    }

    /// <summary>Words are looked for in every job; a hash or a uuid is found at once and waits for nobody.</summary>
    private static bool IsOfWords(HttpRequest request)
    {
        var query = request.Query["q"].ToString().Trim();
        return query.Length > 0 && !Sha256Digest.TryParse(query, out _) && !BuildUuid.TryParse(query, out _);
    }

    private static async Task<Answer?> HashAsync(PageContext page, NewestOfContent newest)
    {
        if (!Sha256Digest.TryParse(page.Http.Request.Query["sha256"].ToString(), out var hash))
        {
            return await Problems.MakeAsync(
                page.Http,
                page.Site,
                page.Now,
                StatusCodes.Status400BadRequest,
                "Not a hash",
                "/hash?sha256= takes a SHA-256 of 64 hexadecimal digits."
            );
        }
        if (page.Http.Request.Query.ContainsKey("attestations"))
            return await StatementEndpoints.OfArtifactAsync(page, hash);
        if (await newest.FindAsync(page.Session, hash, page.Stop) is { } found)
            return Answer.Redirect(StatusCodes.Status302Found, Href.Build(found.Job, found.Uuid));
        if (await RemovedBuilds.FindAsync(page.Session, hash, page.Stop) is { } removed)
            return await RemovedBuilds.GoneAsync(page, removed);
        return await Problems.MakeAsync(
            page.Http,
            page.Site,
            page.Now,
            StatusCodes.Status404NotFound,
            "Unknown file",
            $"No build here has a file with the SHA-256 {hash}."
        );
    }

    /// <summary>
    /// One field for everything: a hash and a uuid lead to their build, the first digits of one to all that begin so, words to the jobs whose name or synopsis holds them all.
    /// </summary>
    private static async Task<Answer?> SearchAsync(PageContext page, NewestOfContent newest)
    {
        var query = (page.Query("q") ?? "").Trim();
        if (Sha256Digest.TryParse(query, out var hash) && await newest.FindAsync(page.Session, hash, page.Stop) is { } file)
            return Answer.Redirect(StatusCodes.Status302Found, Href.Build(file.Job, file.Uuid));
        if (BuildUuid.TryParse(query, out var uuid) && await BuildLookup.ByUuidAsync(page.Session, uuid, page.Stop) is { } build)
            return Answer.Redirect(StatusCodes.Status302Found, Href.Build(build.Job, build.Uuid));
        if (await PackageAsync(page, query) is { } package)
            return Answer.Redirect(StatusCodes.Status302Found, package);
        // What was removed says so where it was.
        if (hash != default && await RemovedBuilds.FindAsync(page.Session, hash, page.Stop) is not null)
            return Answer.Redirect(StatusCodes.Status302Found, $"/hash?sha256={hash}");
        if (uuid != default && await RemovedBuilds.FindAsync(page.Session, uuid, page.Stop) is { } removed)
            return Answer.Redirect(StatusCodes.Status302Found, Href.Build(removed.Job, removed.Uuid));
        var words = query.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var jobs =
            words.Length == 0
                ? []
                : (await HomeQueries.JobsAsync(page.Session, page.Stop))
                    .Where(job => words.All(word => Holds(job.Name, word) || Holds(job.Synopsis, word)))
                    .OrderBy(job => !job.Name.StartsWith(query, StringComparison.OrdinalIgnoreCase))
                    .ToList();
        if (jobs is [var only] && only.Name == query)
            return Answer.Redirect(StatusCodes.Status302Found, Href.Job(only.Name));
        var builds = await ByPrefixAsync(page, newest, query);
        if (builds is [var single] && jobs.Count == 0)
            return Answer.Redirect(StatusCodes.Status302Found, Href.Build(single.Build.Job, single.Build.Uuid));
        var model = new SearchPage(
            page.PageLayout(query.Length == 0 ? "Search" : $"Search: {query}", NavigationEntry.None) with
            {
                Search = query,
                NoIndex = true,
            },
            query,
            query.Length == 64,
            jobs.Count,
            [.. jobs.Take(MaxFound)],
            builds.Count > MaxBuildsFound ? builds[..MaxBuildsFound] : builds,
            builds.Count > MaxBuildsFound
        )
        {
            Packages = query.Length == 0 ? [] : await PackagesAsync(page, query),
        };
        return await Answer.PageAsync(Search.Create(model));
    }

    /// <summary>The address of the package that was asked for, such as <c>opam:tls&lt;1.0.4</c> or <c>module:Tls</c>; null where none was, or none is known.</summary>
    private static async Task<string?> PackageAsync(PageContext page, string query)
    {
        if (!PackageExpression.TryParse(query, out var expression))
            return null;
        var versions = await PackageQueries.VersionsAsync(page.Session, expression.Ecosystem, expression.Name, page.Stop);
        var address = Href.Package(EcosystemNames.NameOf(expression.Ecosystem), expression.Name);
        return versions.Count == 0 ? null
            : expression.Comparison is null ? address
            : address + Href.Query("versions", expression.Comparison + expression.Version);
    }

    private static async Task<List<FoundPackage>> PackagesAsync(PageContext page, string query)
    {
        var found = new List<FoundPackage>();
        foreach (
            var ecosystem in (Ecosystem[])
                [Ecosystem.Opam, Ecosystem.Debian, Ecosystem.FreeBsd, Ecosystem.Cargo, Ecosystem.Go, Ecosystem.Module]
        )
        {
            var names = await PackageQueries.NamesAsync(page.Session, ecosystem, query, MaxPackagesFound, page.Stop);
            found.AddRange(names.Select(name => new FoundPackage(EcosystemNames.NameOf(ecosystem), name)));
        }
        return found;
    }

    /// <summary>One more than are shown, if there are more.</summary>
    private static async Task<List<PrefixMatch>> ByPrefixAsync(PageContext page, NewestOfContent newest, string query)
    {
        var found = new List<PrefixMatch>();
        if (IdentifierPrefix.Parse(query) is not { } prefix)
            return found;
        if (prefix.Uuids is { } uuids)
        {
            var builds = await SearchQueries.UuidsBetweenAsync(page.Session, uuids.First, uuids.Last, MaxBuildsFound + 1, page.Stop);
            found.AddRange(builds.Select(static build => new PrefixMatch(build, null)));
        }
        if (prefix.Hashes is { } hashes)
        {
            foreach (
                var hash in await SearchQueries.HashesBetweenAsync(page.Session, hashes.First, hashes.Last, MaxBuildsFound + 1, page.Stop)
            )
            {
                if (
                    await newest.FindAsync(page.Session, hash, page.Stop) is { } build
                    // The first digits must not tell the rest.
                    && (await QuorumRows.WithheldAsync(page.Session, [build.Uuid], page.Stop)).Count == 0
                )
                    found.Add(new PrefixMatch(build, hash));
            }
        }
        return found;
    }

    private static bool Holds(string? text, string word) => text?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;
}

/// <param name="Found">Jobs, of which the first are shown.</param>
/// <param name="HasMoreBuilds">Than are shown.</param>
public sealed record SearchPage(
    PageLayout PageLayout,
    string Query,
    bool LooksLikeHash,
    int Found,
    IReadOnlyList<JobRow> Jobs,
    IReadOnlyList<PrefixMatch> Builds,
    bool HasMoreBuilds
)
{
    /// <summary>Packages and modules whose names begin with the query.</summary>
    public IReadOnlyList<FoundPackage> Packages { get; init; } = [];
}

/// <param name="Ecosystem">As addresses name it; <c>module</c> for OCaml modules.</param>
public sealed record FoundPackage(string Ecosystem, string Name);

/// <param name="File">The hash of a file of the build begins with the digits; null: its uuid does.</param>
public sealed record PrefixMatch(FoundBuild Build, Sha256Digest? File);
