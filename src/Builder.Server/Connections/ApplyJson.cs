using System.Text.Json;
using Builder.Server.Scheduling;

namespace Builder.Server.Connections;

/// <summary>What a schedule that was applied has changed.</summary>
internal static class ApplyJson
{
    public static byte[] Of(IReadOnlyList<JobChange> changes)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var change in changes)
            {
                json.WriteStartObject();
                json.WriteString("job", change.Name.Value);
                json.WriteString(
                    "change",
                    change.Kind switch
                    {
                        JobChangeKind.Added => "added",
                        JobChangeKind.Changed => "changed",
                        JobChangeKind.Removed => "removed",
                        _ => "same",
                    }
                );
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return buffer.ToArray();
    }
}
