using Builder.Protocol.Values;

namespace Builder.Web.Html;

/// <summary>
/// The moment a page is made at. What the page says of time is noted here, so that it can be kept for as long as all of it
/// stays right: "5 min ago" for a minute, "3 d ago" for most of a day.
/// </summary>
public sealed class PageClock(Timestamp now)
{
    public Timestamp Now { get; } = now;

    /// <summary>When the first of what the page says changes.</summary>
    public Timestamp RightUntil { get; private set; } = Timestamp.Never;

    /// <summary>"5 min ago", and noted.</summary>
    public string Relative(Timestamp time)
    {
        var (text, until) = Wording.Relative(time, Now);
        ChangesAt(until);
        return text;
    }

    /// <summary>For what the page says of things that change without the database.</summary>
    public void ChangesWithin(TimeSpan time) => ChangesAt(Now + time);

    public void ChangesAt(Timestamp time)
    {
        if (time < RightUntil)
            RightUntil = time;
    }
}
