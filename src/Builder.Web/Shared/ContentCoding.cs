using System.Globalization;
using System.IO.Compression;
using Microsoft.Extensions.Primitives;

namespace Builder.Web.Shared;

/// <summary>Which content coding a client takes, and the coding itself, for answers that are whole in memory.</summary>
internal static class ContentCoding
{
    /// <summary><c>br</c>, <c>gzip</c>, or null for none: brotli is smaller, so it comes first where both are as welcome.</summary>
    public static string? Choose(HttpRequest request)
    {
        var accepted = request.Headers.AcceptEncoding;
        var (brotli, gzip) = (Weight(accepted, "br"), Weight(accepted, "gzip"));
        return brotli > 0 && brotli >= gzip ? "br" : gzip > 0 ? "gzip" : null;
    }

    public static byte[] Encode(byte[] plain, string coding) => coding switch
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

    /// <summary>How welcome it is, from 0 (not at all) to 1.</summary>
    private static double Weight(StringValues accepted, string coding)
    {
        foreach (var header in accepted)
        {
            foreach (var range in header.AsSpan().Split(','))
            {
                var entry = header.AsSpan()[range];
                var end = entry.IndexOf(';');
                var name = (end < 0 ? entry : entry[..end]).Trim();
                if (name.Equals(coding, StringComparison.OrdinalIgnoreCase))
                    return end < 0 ? 1 : Quality(entry[(end + 1)..]);
            }
        }
        return 0;
    }

    /// <summary>Of <c>q=0.5</c>; what is no such number says nothing.</summary>
    private static double Quality(ReadOnlySpan<char> parameters)
    {
        var weight = parameters.Trim();
        return weight.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
            && double.TryParse(weight[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quality)
            ? quality
            : 1;
    }
}
