using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Web.Html;

namespace Builder.Web.Pages;

/// <summary>What the making of an answer needs.</summary>
internal sealed record PageContext(HttpContext Http, DatabaseSession Session, PageClock Moment, SiteInfo Site, bool WantsJson)
{
    public Timestamp Now => Moment.Now;

    /// <summary>Noted: what is the latest changes when the time of a build comes that said it started in the future.</summary>
    public StartLimit StartLimit
    {
        get
        {
            Moment.ChangesWithin(TimeSpan.FromMinutes(1));
            return StartLimit.At(Now);
        }
    }

    public CancellationToken Stop => Http.RequestAborted;

    public PageLayout PageLayout(string title, NavigationEntry entry = NavigationEntry.None) =>
        new(Site, title, entry, Moment) { Visitor = Visitor, Notice = Visitor is null ? null : Notices.Of(Http.Request) };

    /// <summary>Who signed in with the browser that asks; null where nobody did.</summary>
    public Visitor? Visitor => Visitor.Of(Http);

    /// <summary>A parameter of the query that is there and not empty.</summary>
    public string? Query(string name) => Http.Request.Query[name] is [{ Length: > 0 } value] ? value : null;
}
