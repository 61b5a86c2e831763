using Builder.Protocol.Values;
using Microsoft.AspNetCore.Http.Features;

namespace Builder.Web.Http;

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

    /// <summary>The segment with this number (the first is 1), decoded: an encoded slash is a slash in it. False where it is not there or not encoded rightly.</summary>
    public bool TryDecodeSegment(int segment, out ByteString bytes)
    {
        bytes = default;
        var from = PathFrom(segment);
        if (from.Length == 0)
            return false;
        var end = from.IndexOf('/', 1);
        return PercentCoding.TryDecode(end < 0 ? from.AsSpan(1) : from.AsSpan(1, end - 1), out bytes);
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
