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

    private const int MaxSuggestions = 12;

    /// <summary>Characters of what suggestions are made for.</summary>
    private const int MaxSuggested = 100;

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
            (HttpContext http, PageResponder pages, SearchSources sources) =>
                pages.RespondAsync(
                    http,
                    page => SearchAsync(page, sources),
                    FindEndpoints.Variant(sources.Indexing),
                    isExpensive: IsOfWords(http.Request)
                )
        );
        routes.MapMethods(
            Href.Suggestions,
            Verbs.Read,
            (HttpContext http, PageResponder pages, ContentIndexing indexing) =>
                pages.RespondAsync(http, SuggestAsync, FindEndpoints.Variant(indexing))
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
    /// One field for everything: a hash and a uuid lead to their build, the first digits of one to all that begin so, words to the jobs whose name or synopsis
    /// holds them all, to packages, symbols and consoles.
    /// </summary>
    private static async Task<Answer?> SearchAsync(PageContext page, SearchSources sources)
    {
        var typed = (page.Query("q") ?? "").Trim();
        var query = SearchQuery.Parse(typed);
        if (query.IsText)
            return await ConsolesAsync(page, sources, typed, query.Phrase!, page.Query("job"));
        if (query.IsSymbol)
            return await SymbolAsync(page, sources, typed, query.Symbol!);
        return await LeadAsync(page, sources, query.Words) ?? await FoundAsync(page, sources, query);
    }

    /// <summary>Where something is named exactly, its address.</summary>
    private static async Task<Answer?> LeadAsync(PageContext page, SearchSources sources, string query)
    {
        if (Sha256Digest.TryParse(query, out var hash) && await sources.Newest.FindAsync(page.Session, hash, page.Stop) is { } file)
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
        return null;
    }

    private static async Task<Answer?> FoundAsync(PageContext page, SearchSources sources, SearchQuery query)
    {
        var words = query.Words.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var jobs = words.Length == 0 ? [] : await JobsAsync(page, query.Words, words);
        if (jobs is [var only] && only.Name == query.Words)
            return Answer.Redirect(StatusCodes.Status302Found, Href.Job(only.Name));
        var builds = await ByPrefixAsync(page, sources.Newest, query.Words);
        if (builds is [var single] && jobs.Count == 0)
            return Answer.Redirect(StatusCodes.Status302Found, Href.Build(single.Build.Job, single.Build.Uuid));
        var model = Empty(page, query.Words) with
        {
            Found = jobs.Count,
            Jobs = [.. jobs.Take(MaxFound)],
            Builds = builds.Count > MaxBuildsFound ? builds[..MaxBuildsFound] : builds,
            HasMoreBuilds = builds.Count > MaxBuildsFound,
            Packages = words.Length == 0 ? [] : await PackagesAsync(page, query.Words),
            Symbol =
                query.Symbol is { } symbol && await sources.Symbols.CountAsync(page.Session, symbol, page.Stop) is > 0 and var count
                    ? (symbol, count)
                    : null,
            Consoles =
                query.Phrase is { } phrase && sources.Consoles.IsOn
                    ? await sources.Consoles.FindAsync(page.Session, phrase, job: null, ConsoleLimits.Beside, page.Stop)
                    : null,
        };
        return await AnswerAsync(page, model);
    }

    private static async Task<Answer?> ConsolesAsync(PageContext page, SearchSources sources, string typed, string text, string? job)
    {
        if (!sources.Consoles.IsOn || !ConsoleFinder.CanAsk(text))
            return await Problems.MakeAsync(
                page.Http,
                page.Site,
                page.Now,
                StatusCodes.Status400BadRequest,
                sources.Consoles.IsOn ? "Not a text" : "No index of consoles",
                sources.Consoles.IsOn
                    ? $"A text to look for in consoles has {ConsoleLimits.MinLength} to {ConsoleLimits.MaxLength} characters on one line."
                    : "This site keeps no index of consoles: its operator starts it with --text-index 0."
            );
        return await AnswerAsync(
            page,
            Empty(page, typed) with
            {
                IsOfText = true,
                Consoles = await sources.Consoles.FindAsync(page.Session, text, job, ConsoleLimits.Whole, page.Stop),
            }
        );
    }

    private static async Task<Answer?> SymbolAsync(PageContext page, SearchSources sources, string typed, string name) =>
        name.Length is > 0 and <= SymbolFinder.MaxLength && await sources.Symbols.CountAsync(page.Session, name, page.Stop) > 0
            ? Answer.Redirect(StatusCodes.Status302Found, Href.Symbol(name))
            : await AnswerAsync(page, Empty(page, typed));

    private static async Task<Answer?> AnswerAsync(PageContext page, SearchPage model) =>
        page.WantsJson ? Answer.Json(json => SearchJson.Write(json, model)) : await Answer.PageAsync(Search.Create(model));

    private static SearchPage Empty(PageContext page, string query) =>
        new(
            page.PageLayout(query.Length == 0 ? "Search" : $"Search: {query}", NavigationEntry.None) with
            {
                Search = query,
                NoIndex = true,
            },
            query
        );

    private static async Task<List<JobRow>> JobsAsync(PageContext page, string query, string[] words) =>
        [
            .. (await HomeQueries.JobsAsync(page.Session, page.Stop))
                .Where(job => words.All(word => Holds(job.Name, word) || Holds(job.Synopsis, word)))
                .OrderBy(job => !job.Name.StartsWith(query, StringComparison.OrdinalIgnoreCase)),
        ];

    /// <summary>What the field offers while somebody types: jobs, packages, modules and libraries.</summary>
    private static async Task<Answer?> SuggestAsync(PageContext page)
    {
        var query = (page.Query("q") ?? "").Trim();
        var suggestions = new List<Suggestion>();
        if (query.Length is > 0 and <= MaxSuggested)
        {
            var jobs = await JobsAsync(page, query, [query]);
            suggestions.AddRange(jobs.Take(MaxSuggestions).Select(static job => new Suggestion(job.Name, "job", Href.Job(job.Name))));
            if (query.Length > 1)
                suggestions.AddRange(
                    (await PackagesAsync(page, query)).Select(static package => new Suggestion(
                        package.Name,
                        package.Ecosystem,
                        Href.Package(package.Ecosystem, package.Name)
                    ))
                );
        }
        return Answer.Json(json => SearchJson.Write(json, suggestions.Take(MaxSuggestions)));
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
                [Ecosystem.Opam, Ecosystem.Debian, Ecosystem.FreeBsd, Ecosystem.Cargo, Ecosystem.Go, Ecosystem.Module, Ecosystem.Library]
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
