using System.Globalization;
using System.Net;
using System.Text;
using System.Xml;

namespace Builder.Objects.Transfer;

/// <summary>The XML that a store answers with. It is as hostile as any other input: bounded, without entities.</summary>
internal static class StoreAnswer
{
    private const int MaxErrorLength = 64 * 1024;
    private const int MaxListLength = 8 << 20;

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        CheckCharacters = false,
        IgnoreComments = true,
        IgnoreWhitespace = true,
        MaxCharactersInDocument = MaxListLength,
    };

    /// <summary>Code and message of an error; empty where the answer has none, as to HEAD.</summary>
    public static async Task<(string Code, string Message)> ErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await TextAsync(response, MaxErrorLength, cancellationToken);
        return ErrorIn(text) ?? ("", "");
    }

    /// <summary>Null where the text is not an error.</summary>
    public static (string Code, string Message)? ErrorIn(string text)
    {
        var values = Values(text, "Error");
        return values.Count == 0 ? null : (values[0].GetValueOrDefault("Code") ?? "", values[0].GetValueOrDefault("Message") ?? "");
    }

    public static Task<string> TextAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        TextAsync(response, MaxListLength, cancellationToken);

    public static string? UploadId(string text) =>
        Values(text, "InitiateMultipartUploadResult").FirstOrDefault()?.GetValueOrDefault("UploadId");

    public static (IReadOnlyList<ObjectInfo> Objects, string? Next) List(string text)
    {
        var objects = Values(text, "Contents")
            .Select(static one => new ObjectInfo(
                WebUtility.UrlDecode(one.GetValueOrDefault("Key") ?? ""),
                long.TryParse(one.GetValueOrDefault("Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0,
                DateTimeOffset.TryParse(
                    one.GetValueOrDefault("LastModified"),
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var time
                )
                    ? time
                    : DateTimeOffset.MinValue
            ))
            .Where(static one => one.Key.Length > 0)
            .ToList();
        var result = Values(text, "ListBucketResult").FirstOrDefault();
        return (objects, result?.GetValueOrDefault("IsTruncated") == "true" ? result.GetValueOrDefault("NextContinuationToken") : null);
    }

    /// <summary>The text of the direct children of each element of this name.</summary>
    private static List<Dictionary<string, string>> Values(string text, string element)
    {
        var found = new List<Dictionary<string, string>>();
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), Settings);
            var inside = new Stack<string>();
            while (reader.Read())
            {
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element when !reader.IsEmptyElement:
                        inside.Push(reader.LocalName);
                        if (reader.LocalName == element)
                            found.Add(new Dictionary<string, string>(StringComparer.Ordinal));
                        break;
                    case XmlNodeType.EndElement:
                        inside.Pop();
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA when found.Count > 0 && inside.Skip(1).FirstOrDefault() == element:
                        found[^1][inside.Peek()] = reader.Value;
                        break;
                }
            }
        }
        catch (XmlException)
        {
            // A proxy's page of HTML: no answer of a store.
            return [];
        }
        return found;
    }

    private static async Task<string> TextAsync(HttpResponseMessage response, int largest, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new MemoryStream();
        var piece = new byte[16 * 1024];
        while (await stream.ReadAsync(piece, cancellationToken) is > 0 and var count && buffer.Length + count <= largest)
            buffer.Write(piece, 0, count);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
