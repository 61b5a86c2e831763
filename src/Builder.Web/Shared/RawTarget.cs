using Microsoft.AspNetCore.Http.Features;

namespace Builder.Web.Shared;

/// <summary>The request target as it was written: percent-encoding still in place, which routing has taken away.</summary>
internal readonly record struct RawTarget(string Path, string Query)
{
    public static RawTarget Of(HttpRequest request)
    {
        var raw = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (!raw.StartsWith('/') && raw.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
        {
            // Absolute form, as sent to proxies.
            var slash = raw.IndexOf('/', scheme + 3);
            raw = slash < 0 ? "/" : raw[slash..];
        }
        var question = raw.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? new RawTarget(raw, "") : new RawTarget(raw[..question], raw[question..]);
    }

    /// <summary>From the slash before the segment with this number on (the first is 1); empty where the path is shorter.</summary>
    public string PathFrom(int segment)
    {
        var at = -1;
        for (var number = 0; number < segment; number++)
        {
            at = Path.IndexOf('/', at + 1);
            if (at < 0)
                return "";
        }
        return Path[at..];
    }
}
