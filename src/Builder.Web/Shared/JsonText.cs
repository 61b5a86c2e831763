using System.Text.Encodings.Web;
using System.Text.Json;

namespace Builder.Web.Shared;

/// <summary>How our JSON looks: compact, and text in its own script. It is never put into a page, so HTML needs no escaping in it.</summary>
internal static class JsonText
{
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As clients of the original ask for it: the media type stands, in these letters, anywhere in Accept.</summary>
    public static bool IsWanted(HttpRequest request)
    {
        foreach (var accept in request.Headers.Accept)
        {
            if (accept is not null && accept.Contains("application/json", StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
