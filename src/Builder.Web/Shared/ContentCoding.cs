using System.IO.Compression;
using Microsoft.Extensions.Primitives;

namespace Builder.Web.Shared;

/// <summary>Which content coding a client takes, and the coding itself, for answers that are whole in memory.</summary>
internal static class ContentCoding
{
    /// <summary><c>br</c>, <c>gzip</c>, or null for none: brotli is smaller, so it comes first where both are welcome.</summary>
    public static string? Choose(HttpRequest request)
    {
        var accepted = request.Headers.AcceptEncoding;
        return Accepts(accepted, "br") ? "br" : Accepts(accepted, "gzip") ? "gzip" : null;
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

    private static bool Accepts(StringValues accepted, string coding)
    {
        foreach (var header in accepted)
        {
            foreach (var range in header.AsSpan().Split(','))
            {
                var entry = header.AsSpan()[range];
                var end = entry.IndexOf(';');
                var name = (end < 0 ? entry : entry[..end]).Trim();
                if (name.Equals(coding, StringComparison.OrdinalIgnoreCase))
                    return end < 0 || !IsRefused(entry[(end + 1)..]);
            }
        }
        return false;
    }

    /// <summary>q=0, q=0.0 and so on: not wanted.</summary>
    private static bool IsRefused(ReadOnlySpan<char> parameters)
    {
        var weight = parameters.Trim();
        return weight.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
            && double.TryParse(weight[2..], System.Globalization.CultureInfo.InvariantCulture, out var quality)
            && quality == 0;
    }
}
