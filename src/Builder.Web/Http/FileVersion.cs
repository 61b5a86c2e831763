using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace Builder.Web.Http;

/// <summary>What tells one version of a file from another, and the conditions of a request that hold for it (RFC 9110 section 13).</summary>
/// <param name="ETag">Strong, with its quotes.</param>
/// <param name="Changed">When it last changed; null where nobody knows.</param>
/// <param name="NeverChanges">At this address there are never other bytes.</param>
internal sealed record FileVersion(string ETag, DateTimeOffset? Changed, bool NeverChanges)
{
    /// <summary>Dates of HTTP have whole seconds.</summary>
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    /// <summary>A date in the future is none (RFC 9110 section 8.8.2.1): a worker's clock may be wrong.</summary>
    public DateTimeOffset? LastModified { get; } =
        Changed is { } changed && changed <= TimeProvider.System.GetUtcNow() && changed.Year > 1900
            ? changed.AddTicks(-(changed.UtcTicks % TimeSpan.TicksPerSecond))
            : null;

    /// <summary>Says with the answer which version it is.</summary>
    public void Describe(IHeaderDictionary headers)
    {
        headers.ETag = ETag;
        if (LastModified is { } date)
            headers.LastModified = date.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Answers a request whose conditions leave nothing to send: 412 where it is meant for other bytes, 304 where the client has these. False: it wants them.
    /// A date counts only where no tag is given.
    /// </summary>
    public bool TryAnswer(HttpContext http)
    {
        if (ETags.TryAnswer(http, ETag))
            return true;
        var headers = http.Request.Headers;
        if (headers.IfMatch.Count == 0 && Date(headers.IfUnmodifiedSince) is { } unmodified && LastModified > unmodified)
            http.Response.StatusCode = StatusCodes.Status412PreconditionFailed;
        else if (headers.IfNoneMatch.Count == 0 && Date(headers.IfModifiedSince) is { } since && LastModified <= since)
            http.Response.StatusCode = StatusCodes.Status304NotModified;
        else
            return false;
        return true;
    }

    /// <summary>
    /// Whether a range may be sent: there is no <c>If-Range</c>, or it names this version exactly and strongly (RFC 9110 section 13.1.5). apt sends a date.
    /// </summary>
    public bool AllowsRange(HttpRequest request)
    {
        if (request.Headers.IfRange is not [{ } condition])
            return request.Headers.IfRange.Count == 0;
        condition = condition.Trim();
        return condition == ETag || (IsDateStrong && Date(condition) is { } date && date == LastModified);
    }

    /// <summary>What changed within this second may change again in it, and would have the same date (RFC 9110 section 8.8.2.2).</summary>
    private bool IsDateStrong => NeverChanges || LastModified + OneSecond <= TimeProvider.System.GetUtcNow();

    private static DateTimeOffset? Date(string? text) => HeaderUtilities.TryParseDate(text, out var date) ? date : null;
}
