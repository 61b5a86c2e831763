using System.Text.Json;
using Builder.Analysis.Difference;

namespace Builder.Web.Difference;

/// <summary>A result as the cache keeps it: JSON that gives back what was written, shortened where it is too large.</summary>
internal static class DifferenceTree
{
    /// <summary>Deeper than any tree the engine makes.</summary>
    private const int MaxDepth = 400;

    /// <param name="maxLength">Bytes, about: nodes and changes beyond are left out, and a notice says so.</param>
    public static void Write(Stream stream, DifferenceResult result, long maxLength)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        WriteFile(json, "left", result.Left);
        WriteFile(json, "right", result.Right);
        WriteCauses(json, result.Causes);
        if (result.Root is { } root)
        {
            json.WritePropertyName("root");
            WriteNode(json, root, maxLength);
        }
        json.WriteEndObject();
    }

    /// <exception cref="JsonException">It is not what <see cref="Write"/> wrote.</exception>
    public static DifferenceResult Read(ReadOnlyMemory<byte> text)
    {
        using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
        try
        {
            var whole = json.RootElement;
            return new DifferenceResult(
                ReadFile(whole.GetProperty("left")),
                ReadFile(whole.GetProperty("right")),
                [.. ReadCauses(whole)],
                whole.TryGetProperty("root", out var root) ? ReadNode(root) : null
            );
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    private static void WriteFile(Utf8JsonWriter json, string name, ComparedFile file)
    {
        json.WriteStartObject(name);
        json.WriteString("path", file.Path);
        json.WriteNumber("size", file.Size);
        json.WriteString("sha256", file.Sha256);
        json.WriteEndObject();
    }

    private static ComparedFile ReadFile(JsonElement file) =>
        new(Text(file, "path"), file.GetProperty("size").GetInt64(), Text(file, "sha256"));

    private static void WriteCauses(Utf8JsonWriter json, IReadOnlyList<Cause> causes)
    {
        json.WriteStartArray("causes");
        foreach (var cause in causes)
        {
            json.WriteStartObject();
            json.WriteString("cause", CauseNames.NameOf(cause.Kind));
            json.WriteString("path", cause.Path);
            json.WriteString("left", cause.Left);
            json.WriteString("right", cause.Right);
            json.WriteString("fix", cause.Fix);
            json.WriteNumber("count", cause.Count);
            json.WriteNumber("strength", cause.Strength);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static IEnumerable<Cause> ReadCauses(JsonElement owner)
    {
        foreach (var cause in owner.GetProperty("causes").EnumerateArray())
        {
            var kind = CauseNames.TryParse(Text(cause, "cause"), out var known) ? known : CauseKind.Content;
            yield return new Cause(kind, Text(cause, "path"), Text(cause, "left"), Text(cause, "right"), Text(cause, "fix"))
            {
                Count = cause.GetProperty("count").GetInt32(),
                Strength = cause.GetProperty("strength").GetInt32(),
            };
        }
    }

    private static void WriteNode(Utf8JsonWriter json, DifferenceNode node, long maxLength)
    {
        json.WriteStartObject();
        json.WriteString("path", node.Path);
        json.WriteString("kind", node.Kind);
        json.WriteNumber("status", (int)node.Status);
        json.WriteBoolean("follows", node.Follows);
        WriteSummary(json, "left", node.Left);
        WriteSummary(json, "right", node.Right);
        WriteCauses(json, node.Causes);
        var leftOut = 0;
        json.WriteStartArray("changes");
        foreach (var change in node.Changes)
        {
            if (IsFull(json, maxLength))
                leftOut++;
            else
                WriteChange(json, change);
        }
        json.WriteEndArray();
        json.WriteStartArray("children");
        foreach (var child in node.Children)
        {
            if (IsFull(json, maxLength))
                leftOut++;
            else
                WriteNode(json, child, maxLength);
        }
        json.WriteEndArray();
        json.WriteStartArray("notices");
        foreach (var notice in node.Notices)
            json.WriteStringValue(notice);
        if (leftOut > 0)
            json.WriteStringValue($"{leftOut} more differences are not kept: the comparison is too large");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static bool IsFull(Utf8JsonWriter json, long maxLength) => json.BytesCommitted + json.BytesPending > maxLength;

    private static DifferenceNode ReadNode(JsonElement element)
    {
        var node = new DifferenceNode(Text(element, "path"), Text(element, "kind"))
        {
            Status = (DifferenceStatus)element.GetProperty("status").GetInt32(),
            Follows = element.GetProperty("follows").GetBoolean(),
            Left = ReadSummary(element, "left"),
            Right = ReadSummary(element, "right"),
        };
        node.Causes.AddRange(ReadCauses(element));
        foreach (var change in element.GetProperty("changes").EnumerateArray())
            node.Changes.Add(ReadChange(change));
        foreach (var child in element.GetProperty("children").EnumerateArray())
            node.Children.Add(ReadNode(child));
        foreach (var notice in element.GetProperty("notices").EnumerateArray())
            node.Notices.Add(notice.GetString()!);
        return node;
    }

    private static void WriteChange(Utf8JsonWriter json, Change change)
    {
        json.WriteStartObject();
        json.WriteNumber("type", (int)change.Type);
        json.WriteString("place", change.Place);
        json.WriteString("left", change.Left);
        json.WriteString("right", change.Right);
        json.WriteString("text", change.Text);
        json.WriteBoolean("follows", change.Follows);
        json.WriteEndObject();
    }

    private static Change ReadChange(JsonElement change) =>
        new(
            (ChangeType)change.GetProperty("type").GetInt32(),
            Text(change, "place"),
            change.GetProperty("left").GetString(),
            change.GetProperty("right").GetString()
        )
        {
            Text = change.GetProperty("text").GetString(),
            Follows = change.GetProperty("follows").GetBoolean(),
        };

    private static void WriteSummary(Utf8JsonWriter json, string name, ContentSummary? summary)
    {
        if (summary is null)
            return;
        json.WriteStartObject(name);
        json.WriteNumber("size", summary.Size);
        json.WriteString("sha256", summary.Sha256);
        json.WriteEndObject();
    }

    private static ContentSummary? ReadSummary(JsonElement node, string name) =>
        node.TryGetProperty(name, out var summary)
            ? new ContentSummary(summary.GetProperty("size").GetInt64(), Text(summary, "sha256"))
            : null;

    private static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new FormatException($"\"{name}\" is null");
}
