using System.Net;

namespace Builder.Cli.Rebuild;

/// <param name="Text">JSON where it was kept, else why not.</param>
internal sealed record PostAnswer(HttpStatusCode Status, string Text)
{
    public bool IsKept => Status is HttpStatusCode.OK or HttpStatusCode.Created;

    /// <summary>It may be taken later: when the key is registered, or the site has time.</summary>
    public bool IsForLater =>
        Status is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)Status >= 500;
}
