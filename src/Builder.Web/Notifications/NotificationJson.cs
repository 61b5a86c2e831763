using System.Text.Json;
using Builder.Storage.Outbox;

namespace Builder.Web.Notifications;

/// <summary>The answer for programs.</summary>
internal static class NotificationJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ShownTarget> targets, IReadOnlyList<DeadLetter> letters)
    {
        json.WriteStartObject();
        json.WriteStartArray("targets");
        foreach (var target in targets)
        {
            json.WriteStartObject();
            json.WriteString("name", target.Name);
            json.WriteString("kind", target.Kind);
            json.WriteNumber("waiting", target.Waiting);
            json.WriteNumber("delivered", target.Delivered);
            WriteTime(json, "last_delivered", target.LastDelivered);
            json.WriteString("problem", target.Problem);
            WriteTime(json, "failing_since", target.FailingSince);
            WriteTime(json, "next_attempt", target.Due);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("dead_letters");
        foreach (var letter in letters)
        {
            json.WriteStartObject();
            json.WriteString("target", letter.Target);
            json.WriteNumber("event", letter.Event);
            json.WriteString("kind", letter.Kind);
            json.WriteString("job", letter.Job);
            json.WriteString("problem", ShownTarget.ForEverybody(letter.Problem));
            WriteTime(json, "since", letter.Since);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, known.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null));
        else
            json.WriteNull(name);
    }
}
