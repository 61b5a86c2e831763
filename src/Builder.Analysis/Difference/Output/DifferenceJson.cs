using System.Text.Json;

namespace Builder.Analysis.Difference.Output;

/// <summary>The answer as JSON: <c>{"same","left","right","causes","root"}</c>, a node <c>{"path","kind","status","follows","left","right","causes","changes","notices","children"}</c>.</summary>
public static class DifferenceJson
{
    private const int FlushAt = 1 << 16;

    public static async Task WriteAsync(Stream output, DifferenceResult result, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteBoolean("same", result.IsSame);
        Write(json, "left", result.Left);
        Write(json, "right", result.Right);
        WriteCauses(json, result.Causes);
        json.WritePropertyName("root");
        if (result.Root is null)
            json.WriteNullValue();
        else
            await WriteAsync(json, result.Root, cancellationToken);
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private static async Task WriteAsync(Utf8JsonWriter json, DifferenceNode node, CancellationToken cancellationToken)
    {
        json.WriteStartObject();
        json.WriteString("path", node.Path);
        json.WriteString("kind", node.Kind);
        json.WriteString("status", ShownText.Name(node.Status));
        json.WriteBoolean("follows", node.Follows);
        Write(json, "left", node.Left);
        Write(json, "right", node.Right);
        WriteCauses(json, node.Causes);
        json.WriteStartArray("changes");
        foreach (var change in node.Changes)
            Write(json, change);
        json.WriteEndArray();
        json.WriteStartArray("notices");
        foreach (var notice in node.Notices)
            json.WriteStringValue(notice);
        json.WriteEndArray();
        json.WriteStartArray("children");
        foreach (var child in node.Children)
            await WriteAsync(json, child, cancellationToken);
        json.WriteEndArray();
        json.WriteEndObject();
        if (json.BytesPending > FlushAt)
            await json.FlushAsync(cancellationToken);
    }

    private static void Write(Utf8JsonWriter json, string name, ComparedFile file)
    {
        json.WriteStartObject(name);
        json.WriteString("path", file.Path);
        json.WriteNumber("size", file.Size);
        json.WriteString("sha256", file.Sha256);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, ContentSummary? summary)
    {
        if (summary is null)
            return;
        json.WriteStartObject(name);
        json.WriteNumber("size", summary.Size);
        json.WriteString("sha256", summary.Sha256);
        json.WriteEndObject();
    }

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
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Change change)
    {
        json.WriteStartObject();
        json.WriteString("type", ShownText.Name(change.Type));
        json.WriteString("place", change.Place);
        json.WriteString("left", change.Left);
        json.WriteString("right", change.Right);
        if (change.Text is not null)
            json.WriteString("text", change.Text);
        if (change.Follows)
            json.WriteBoolean("follows", true);
        json.WriteEndObject();
    }
}
