using System.Diagnostics.CodeAnalysis;
using Builder.Analysis.Values;

namespace Builder.Cli.Record;

/// <summary>A file on the web, and the SHA-256 that it must have.</summary>
/// <param name="Digest">Null where nobody said.</param>
internal sealed record Download(Uri Address, Sha256Digest? Digest)
{
    private const string Mark = "#sha256=";

    public string FileName => Uri.UnescapeDataString(Address.Segments[^1]);

    /// <summary>Reads <c>URL</c> or <c>URL#sha256=HEX</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Download? download, [NotNullWhen(false)] out string? reason)
    {
        download = null;
        var mark = text.IndexOf(Mark, StringComparison.Ordinal);
        Sha256Digest? digest = null;
        if (mark >= 0)
        {
            if (!Sha256Digest.TryParse(text[(mark + Mark.Length)..], out var parsed))
            {
                reason = $"\"{text[(mark + Mark.Length)..]}\" is not a SHA-256 of 64 hexadecimal digits";
                return false;
            }
            digest = parsed;
        }
        if (!Uri.TryCreate(mark < 0 ? text : text[..mark], UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            reason = $"\"{text}\" is not an http or https URL";
            return false;
        }
        download = new Download(address, digest);
        if (download.FileName is "" or "." or ".." || download.FileName.AsSpan().IndexOfAny('/', '\0') >= 0)
        {
            reason = $"\"{text}\" does not end with the name of a file";
            download = null;
            return false;
        }
        reason = null;
        return true;
    }
}
