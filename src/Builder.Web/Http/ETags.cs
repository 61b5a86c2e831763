using Microsoft.Extensions.Primitives;

namespace Builder.Web.Http;

/// <summary>Entity tags: made from what identifies the content, compared as RFC 9110 says, and for old clients also unquoted.</summary>
internal static class ETags
{
    public static string Strong(string value) => $"\"{value}\"";

    /// <summary>
    /// Whether <c>If-None-Match</c> names <paramref name="etag"/>: in a list, weak, or <c>*</c>. Clients of the original keep
    /// the tags it sent, which were not quoted: those match too.
    /// </summary>
    public static bool Match(HttpRequest request, string etag) => IsListed(request.Headers.IfNoneMatch, etag, withWeak: true);

    /// <summary>
    /// Answers a request whose conditions leave nothing to send: 412 where <c>If-Match</c> names other bytes, 304 where the client has these. False: it wants them.
    /// </summary>
    public static bool TryAnswer(HttpContext http, string etag)
    {
        if (IsMeantForOther(http.Request, etag))
            http.Response.StatusCode = StatusCodes.Status412PreconditionFailed;
        else if (Match(http.Request, etag))
            http.Response.StatusCode = StatusCodes.Status304NotModified;
        else
            return false;
        return true;
    }

    /// <summary>Whether the request is only meant for other bytes than <paramref name="etag"/> names (<c>If-Match</c>, RFC 9110 section 13.1.1): a weak tag names no bytes.</summary>
    private static bool IsMeantForOther(HttpRequest request, string etag) =>
        request.Headers.IfMatch is { Count: > 0 } wanted && !IsListed(wanted, etag, withWeak: false);

    private static bool IsListed(StringValues headers, string etag, bool withWeak)
    {
        var value = etag.AsSpan().Trim('"');
        foreach (var header in headers)
        {
            var rest = header.AsSpan().Trim();
            while (!rest.IsEmpty)
            {
                var isWeak = rest.StartsWith("W/", StringComparison.Ordinal);
                var candidate = Next(ref rest);
                if (candidate is "*" || (candidate.SequenceEqual(value) && (withWeak || !isWeak)))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Takes one tag off the list; a quoted one may hold commas.</summary>
    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith("W/", StringComparison.Ordinal))
            rest = rest[2..];
        ReadOnlySpan<char> tag;
        if (rest.StartsWith('"') && rest[1..].IndexOf('"') is >= 0 and var length)
        {
            tag = rest.Slice(1, length);
            rest = rest[(length + 2)..];
            var comma = rest.IndexOf(',');
            rest = comma < 0 ? [] : rest[(comma + 1)..];
        }
        else
        {
            var comma = rest.IndexOf(',');
            tag = (comma < 0 ? rest : rest[..comma]).Trim().Trim('"');
            rest = comma < 0 ? [] : rest[(comma + 1)..];
        }
        rest = rest.TrimStart();
        return tag;
    }
}
