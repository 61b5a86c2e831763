using System.IO.Compression;
using Microsoft.Net.Http.Headers;

namespace Builder.Web.Http;

/// <summary>Which content coding a client takes, and the coding itself, for answers that are whole in memory.</summary>
internal static class ContentCoding
{
    private const string Plain = "identity";

    /// <summary>
    /// <c>br</c>, <c>gzip</c>, or null for none (RFC 9110 section 12.5.3): brotli is smaller, so it comes first where both are as welcome.
    /// None where the client names that and likes it better.
    /// </summary>
    public static string? Choose(HttpRequest request)
    {
        var accepted = request.Headers.AcceptEncoding;
        if (accepted.Count == 0 || !StringWithQualityHeaderValue.TryParseList(accepted.ToArray()!, out var codings))
            return null;
        var brotli = Weight(codings, "br") ?? 0;
        var gzip = Weight(codings, "gzip") ?? 0;
        var (coding, weight) = brotli >= gzip ? ("br", brotli) : ("gzip", gzip);
        return weight > 0 && weight >= (Weight(codings, Plain, withOthers: false) ?? 0) ? coding : null;
    }

    public static byte[] Encode(byte[] plain, string coding) =>
        coding switch
        {
            "br" => Brotli(plain, quality: 4),
            "gzip" => Gzip(plain, CompressionLevel.Fastest),
            _ => throw new ArgumentOutOfRangeException(nameof(coding)),
        };

    public static byte[] Gzip(byte[] plain, CompressionLevel level)
    {
        var coded = new MemoryStream(plain.Length / 3);
        using (var gzip = new GZipStream(coded, level, leaveOpen: true))
            gzip.Write(plain);
        return coded.ToArray();
    }

    public static byte[] Brotli(byte[] plain, int quality = 11)
    {
        var coded = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return BrotliEncoder.TryCompress(plain, coded, out var written, quality, window: 22)
            ? coded[..written]
            : throw new InvalidOperationException("brotli needs more room than it says it does");
    }

    /// <summary>How welcome it is, from 0 (not at all) to 1; null where nothing is said of it. What is not named counts as <c>*</c>.</summary>
    private static double? Weight(IList<StringWithQualityHeaderValue> codings, string coding, bool withOthers = true)
    {
        double? others = null;
        foreach (var entry in codings)
        {
            if (entry.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
                return entry.Quality ?? 1;
            if (withOthers && entry.Value == "*")
                others = entry.Quality ?? 1;
        }
        return others;
    }
}
