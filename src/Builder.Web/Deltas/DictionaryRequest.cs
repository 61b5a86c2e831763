using System.Buffers.Text;
using System.Text;
using Builder.Analysis.Values;
using Microsoft.Net.Http.Headers;

namespace Builder.Web.Deltas;

/// <summary>What a request says of compression dictionaries (RFC 9842). What is malformed counts as not said: the answer is then a plain one.</summary>
internal static class DictionaryRequest
{
    public const string Coding = "dcz";

    /// <summary>44 characters of base64 between colons (RFC 9651, byte sequence).</summary>
    private const int EncodedLength = 44;

    /// <summary>The content that the client offers to unpack with; null where it offers none, or does not take patches, or asks for a part.</summary>
    public static Sha256Digest? Base(HttpRequest request) =>
        request.Headers["Available-Dictionary"] is [{ } offered]
        && request.Headers.Range.Count == 0
        && TakesPatches(request)
        && TryParse(offered, out var digest)
            ? digest
            : null;

    public static bool TryParse(string text, out Sha256Digest digest)
    {
        digest = default;
        var value = text.AsSpan().Trim(' ');
        // Parameters may follow, which nobody has defined.
        if (value.Length < EncodedLength + 2 || value[0] != ':' || value[EncodedLength + 1] != ':')
            return false;
        if (value.Length > EncodedLength + 2 && value[EncodedLength + 2] != ';')
            return false;
        Span<byte> encoded = stackalloc byte[EncodedLength];
        Span<byte> bytes = stackalloc byte[Sha256Digest.SizeInBytes + 1];
        if (
            !Encoding.ASCII.TryGetBytes(value.Slice(1, EncodedLength), encoded, out _)
            || Base64.DecodeFromUtf8(encoded, bytes, out _, out var written) != System.Buffers.OperationStatus.Done
            || written != Sha256Digest.SizeInBytes
        )
            return false;
        digest = Sha256Digest.FromBytes(bytes[..written]);
        return true;
    }

    private static bool TakesPatches(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding.ToArray()!, out var codings)
        && codings.Any(static coding => coding.Value.Equals(Coding, StringComparison.OrdinalIgnoreCase) && coding.Quality is not 0);
}
