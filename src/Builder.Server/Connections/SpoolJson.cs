using System.Text.Json;
using Builder.Server.Formats;
using Builder.Server.Uploads;

namespace Builder.Server.Connections;

/// <summary>What waits for upload, and why.</summary>
internal static class SpoolJson
{
    public static byte[] Of(IReadOnlyList<WaitingUpload> waiting)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var upload in waiting)
            {
                json.WriteStartObject();
                json.WriteString("uuid", upload.Build.Uuid.ToString());
                json.WriteString("job", upload.Build.Name.Value);
                json.WriteString("platform", upload.Build.Platform.Value);
                json.WriteString("finished", Rfc3339.Of(upload.Build.Finished));
                json.WriteNumber("attempts", upload.Attempts);
                json.WriteString("problem", upload.Problem);
                json.WriteString("next_try", upload.NextTry is { } next ? Rfc3339.Of(next) : null);
                json.WriteBoolean("held", upload.IsHeld);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return buffer.ToArray();
    }
}
