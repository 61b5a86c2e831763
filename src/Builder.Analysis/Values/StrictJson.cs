using System.Text.Json;
using System.Text.Unicode;

namespace Builder.Analysis.Values;

/// <summary>
/// JSON of strangers, read so that each text in it can be read: a document that only looks like one (bytes that are not UTF-8, half a
/// surrogate, a property twice) is refused at once and not where one of its texts is used (RFC 8259, section 8; RFC 7493).
/// </summary>
public static class StrictJson
{
    /// <exception cref="JsonException">Not JSON, nested too deeply, or a text or name in it is no text.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, int maxDepth)
    {
        if (!Utf8.IsValid(json.Span))
            throw new JsonException("it is not UTF-8");
        if (json.Span.IndexOf("\\u"u8) >= 0)
            CheckEscapes(json.Span, maxDepth);
        return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false });
    }

    private static void CheckEscapes(ReadOnlySpan<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped)
                continue;
            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException exception)
            {
                throw new JsonException("a text in it holds half a surrogate", exception);
            }
        }
    }
}
