using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Server.Dispatch;
using Builder.Server.Scheduling;

namespace Builder.Server.Connections;

/// <summary>The workers that wait or build, with how each keeps its jobs apart, and how many jobs are not given to any of them.</summary>
internal static class WorkersJson
{
    public static byte[] Of(Dispatcher farm)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Write(json, farm);
            json.WriteStartArray("gone");
            foreach (var worker in farm.Seen.Gone())
            {
                json.WriteStartObject();
                json.WriteString("name", worker.Name);
                json.WriteString("platform", worker.Platform);
                json.WriteString("version", worker.Version);
                json.WriteString("last_seen", worker.LastSeen.ToDateTimeOffset());
                json.WriteEndObject();
            }
            json.WriteEndArray();
            var (reason, count) = farm.Held();
            json.WriteNumber("held_jobs", count);
            json.WriteString("hold_reason", reason);
            json.WriteStartArray("drained");
            foreach (var name in farm.Look(state => state.Drained.Order(StringComparer.Ordinal).ToArray()))
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    public static void Write(Utf8JsonWriter json, Dispatcher farm)
    {
        json.WriteStartArray("workers");
        foreach (var worker in farm.Workers())
        {
            var name = WorkerNames.Stable(worker.Name);
            var seen = farm.Seen.Find(name, worker.Platform.Value);
            json.WriteStartObject();
            json.WriteString("name", worker.Name);
            json.WriteString("platform", worker.Platform.Value);
            json.WriteString("stable_name", name);
            json.WriteString("version", seen?.Version);
            if (seen is not null)
                json.WriteString("last_seen", seen.LastSeen.ToDateTimeOffset());
            json.WriteBoolean("drained", worker.IsDrained);
            json.WriteString("isolation", worker.Isolation?.Name);
            json.WriteString("isolation_reason", worker.Isolation?.Reason);
            json.WriteString("root", worker.Isolation?.Root?.ToString());
            json.WriteString("job", worker.Lease?.Name.Value);
            json.WriteString("since", worker.Since.ToDateTimeOffset());
            json.WriteString("build", worker.Lease?.Uuid.ToString());
            json.WriteString("repeats", worker.Lease?.Repetition?.Repeats.ToString());
            json.WriteString("variations", worker.Variations is { } variations ? VariationNames.Write(variations) : null);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
