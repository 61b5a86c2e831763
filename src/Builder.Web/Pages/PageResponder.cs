using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Monitoring;

namespace Builder.Web.Pages;

/// <summary>
/// Answers requests for pages and their JSON: from the cache where nothing was written since, else made anew. No answer means
/// that there is no such thing, which is a page too.
/// </summary>
internal sealed class PageResponder(
    BuilderDatabase database,
    SiteInfo site,
    TimeProvider clock,
    ExpensiveWork expensive,
    JobRevisions jobs,
    SiteMetrics metrics
)
{
    private const string NotKept = "no-store";

    private readonly AnswerCache cache = new();

    /// <param name="isExpensive">It waits its turn among all that is expensive, so that the rest stays fast.</param>
    /// <param name="variant">What else the answer depends on beside the address and the database.</param>
    /// <param name="job">The one job that the answer is about; it stays right while others change.</param>
    public async Task RespondAsync(
        HttpContext http,
        Func<PageContext, Task<Answer?>> make,
        string variant = "",
        bool isExpensive = false,
        string? job = null
    )
    {
        var json = JsonText.IsWanted(http.Request);
        // With its length, so that no variant reads as the beginning of an address.
        var key = $"{(json ? 'j' : 'h')}{variant.Length}:{variant}|{http.Request.Path.Value}{http.Request.QueryString.Value}";
        var moment = new PageClock(Now);
        // What somebody sees who signed in is for nobody else.
        var answer =
            Visitor.Of(http) is not null ? await MakeForVisitorAsync(http, moment, json, make, isExpensive)
            : isExpensive
                ? await FindKeptAsync(http, key, moment, job)
                    ?? await TakeTurnAsync(http, () => FindOrMakeAsync(http, key, moment, json, make, job), moment)
            : await FindOrMakeAsync(http, key, moment, json, make, job);
        answer ??= await Problems.NotFoundAsync(http, site, moment.Now);
        await answer.SendAsync(http);
    }

    private async Task<Answer?> MakeForVisitorAsync(
        HttpContext http,
        PageClock moment,
        bool json,
        Func<PageContext, Task<Answer?>> make,
        bool isExpensive
    )
    {
        http.Response.Headers.CacheControl = NotKept;
        return isExpensive ? await TakeTurnAsync(http, MakeAsync, moment) : await MakeAsync();

        async Task<Answer?> MakeAsync()
        {
            await using var session = await database.OpenReadAsync(http.RequestAborted);
            metrics.Answer(isKept: false);
            await session.BeginReadAsync(http.RequestAborted);
            var answer = await make(new PageContext(http, session, moment, site, json));
            await session.EndReadAsync();
            return answer;
        }
    }

    private async Task<Answer?> FindKeptAsync(HttpContext http, string key, PageClock moment, string? job)
    {
        await using var session = await database.OpenReadAsync(http.RequestAborted);
        return Find(key, await RevisionAsync(session, job, http.RequestAborted), moment);
    }

    private Answer? Find(string key, long revision, PageClock moment)
    {
        var kept = cache.Find(key, revision, moment.Now);
        if (kept is not null)
            metrics.Answer(isKept: true);
        return kept;
    }

    private async ValueTask<long> RevisionAsync(DatabaseSession session, string? job, CancellationToken cancellationToken)
    {
        var revision = await session.RevisionAsync(cancellationToken);
        await jobs.UpdateAsync(session, revision, cancellationToken);
        return job is null ? revision : jobs.Of(job);
    }

    private async Task<Answer?> TakeTurnAsync(HttpContext http, Func<Task<Answer?>> make, PageClock moment)
    {
        using var turn = await expensive.EnterAsync(http.RequestAborted);
        return turn.IsGranted
            ? await expensive.RunAsync(make)
            : await Problems.BusyAsync(http, site, moment.Now, "Too many of these pages are being made at the moment.");
    }

    private async Task<Answer?> FindOrMakeAsync(
        HttpContext http,
        string key,
        PageClock moment,
        bool json,
        Func<PageContext, Task<Answer?>> make,
        string? job
    )
    {
        await using var session = await database.OpenReadAsync(http.RequestAborted);
        var revision = await RevisionAsync(session, job, http.RequestAborted);
        if (Find(key, revision, moment) is { } kept)
            return kept;
        metrics.Answer(isKept: false);
        await session.BeginReadAsync(http.RequestAborted);
        var answer = await make(new PageContext(http, session, moment, site, json));
        await session.EndReadAsync();
        // An error names what was asked, so there are as many as there are askers: those are not kept.
        if (answer is { Status: < 400 })
            cache.Keep(key, revision, moment.RightUntil, answer);
        return answer;
    }

    /// <summary>For what changes without the database.</summary>
    public async Task RespondUncachedAsync(HttpContext http, Func<PageContext, Task<Answer?>> make)
    {
        Answer? answer;
        await using (var session = await database.OpenReadAsync(http.RequestAborted))
            answer = await make(new PageContext(http, session, new PageClock(Now), site, JsonText.IsWanted(http.Request)));
        http.Response.Headers.CacheControl = NotKept;
        answer ??= await Problems.NotFoundAsync(http, site, Now);
        await answer.SendAsync(http);
    }

    public SiteInfo Site => site;

    public Timestamp Now => Timestamp.Now(clock);
}
