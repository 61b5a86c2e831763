using Builder.Protocol;
using Builder.Storage.Database;

namespace Builder.Web.Shared;

/// <summary>What the making of an answer needs.</summary>
internal sealed record PageContext(HttpContext Http, DatabaseSession Session, Timestamp Now, SiteInfo Site, bool WantsJson)
{
    public CancellationToken Stop => Http.RequestAborted;

    public Frame Frame(string title, Place place = Place.Jobs) => new(Site, title, place, Now);

    /// <summary>A parameter of the query that is there and not empty.</summary>
    public string? Query(string name) => Http.Request.Query[name] is [{ Length: > 0 } value] ? value : null;
}

/// <summary>
/// Answers requests for pages and their JSON: from the cache where nothing was written since, else made anew. No answer means
/// that there is no such thing, which is a page too.
/// </summary>
internal sealed class Pages(BuilderDatabase database, SiteInfo site, TimeProvider clock, ExpensiveWork expensive)
{
    private readonly AnswerCache cache = new();

    /// <param name="isExpensive">It waits its turn among all that is expensive, so that the rest stays fast.</param>
    /// <param name="variant">What else the answer depends on beside the address and the database.</param>
    public async Task RespondAsync(HttpContext http, Func<PageContext, Task<Answer?>> make, string variant = "", bool isExpensive = false)
    {
        var json = JsonText.IsWanted(http.Request);
        var now = Timestamp.Now(clock);
        Answer? answer;
        await using (var session = await database.OpenReadAsync(http.RequestAborted))
        {
            var revision = await session.RevisionAsync(http.RequestAborted);
            var stamp = new CacheStamp(revision, now.Ticks / (30 * TimeSpan.TicksPerSecond));
            var key = $"{(json ? 'j' : 'h')}{variant}|{http.Request.Path.Value}{http.Request.QueryString.Value}";
            answer = cache.Find(key, stamp);
            if (answer is null)
            {
                using var turn = isExpensive ? await expensive.EnterAsync(http.RequestAborted) : null;
                if (turn is { IsGranted: false })
                    answer = await Problems.BusyAsync(http, site, now, "Too many of these pages are being made at the moment.");
                else
                    answer = await make(new PageContext(http, session, now, site, json));
                // An error names what was asked, so there are as many as there are askers: those are not kept.
                if (answer is { Status: < 400 })
                    cache.Keep(key, stamp, answer);
            }
        }
        answer ??= await Problems.NotFoundAsync(http, site, now);
        await answer.SendAsync(http);
    }

    /// <summary>For what changes without the database.</summary>
    public async Task RespondUncachedAsync(HttpContext http, Func<PageContext, Task<Answer?>> make)
    {
        Answer? answer;
        await using (var session = await database.OpenReadAsync(http.RequestAborted))
            answer = await make(new PageContext(http, session, Now, site, JsonText.IsWanted(http.Request)));
        http.Response.Headers.CacheControl = "no-store";
        answer ??= await Problems.NotFoundAsync(http, site, Now);
        await answer.SendAsync(http);
    }

    public SiteInfo Site => site;

    public Timestamp Now => Timestamp.Now(clock);
}
