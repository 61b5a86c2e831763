using System.Text.Json;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>Reads members of an event's data for texts. What is missing is missing there too.</summary>
internal static class EventData
{
    /// <param name="path">Member by member, such as <c>previous.result</c>.</param>
    public static string? Text(OutboxEvent found, string path)
    {
        using var document = JsonDocument.Parse(found.Data);
        return Find(document.RootElement, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
    }

    public static long? Number(OutboxEvent found, string path)
    {
        using var document = JsonDocument.Parse(found.Data);
        return Find(document.RootElement, path) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value)
            ? value
            : null;
    }

    private static JsonElement? Find(JsonElement element, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }
        return element;
    }
}
