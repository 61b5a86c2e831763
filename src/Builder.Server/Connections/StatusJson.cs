using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Server.Dispatch;
using Builder.Server.Formats;
using Builder.Server.Scheduling;

namespace Builder.Server.Connections;

/// <summary>The state in full, but for scripts: also what the original's message has no place for.</summary>
internal static class StatusJson
{
    public static byte[] Of(Dispatcher farm)
    {
        var repetitions = RepetitionsJson.Waiting(farm);
        var (jobs, queues, leases, dropped) = farm.Look(state =>
            (
                state.InOrder(),
                state
                    .Queues.Values.Select(queue => (queue.Platform, Entries: queue.InOrder(), Blocked: queue.WithoutTemplate.Count))
                    .ToArray(),
                state.Leases.Values.ToArray(),
                state.Dropped.Values.Select(platform => (platform.Platform, platform.At, platform.Jobs.Count)).ToArray()
            )
        );
        var waiting = farm.CountWaiting();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("running");
            foreach (var lease in leases)
                WriteLease(json, lease);
            json.WriteEndArray();
            WorkersJson.Write(json, farm);
            json.WriteStartArray("queues");
            foreach (var (platform, entries, blocked) in queues)
            {
                json.WriteStartObject();
                json.WriteString("platform", platform.Value);
                json.WriteNumber("waiting_workers", waiting.GetValueOrDefault(platform));
                json.WriteNumber("without_template", blocked);
                json.WriteStartArray("jobs");
                foreach (var entry in entries.Select(entry => entry))
                    json.WriteStringValue(entry.Name.Value);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            RepetitionsJson.Write(json, repetitions);
            json.WriteStartArray("schedule");
            foreach (var job in jobs.Select(job => job))
                WriteJob(json, job);
            json.WriteEndArray();
            json.WriteStartArray("dropped_platforms");
            foreach (var (platform, at, count) in dropped)
            {
                json.WriteStartObject();
                json.WriteString("platform", platform.Value);
                json.WriteString("since", Rfc3339.Of(at));
                json.WriteNumber("suspended_jobs", count);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void WriteLease(Utf8JsonWriter json, Lease lease)
    {
        json.WriteStartObject();
        json.WriteString("uuid", lease.Uuid.ToString());
        json.WriteString("job", lease.Name.Value);
        json.WriteString("platform", lease.Platform.Value);
        json.WriteString("started", Rfc3339.Of(lease.Started));
        json.WriteString("worker", lease.Worker);
        json.WriteNumber("attempt", lease.Attempt);
        json.WriteString("isolation", lease.Isolation?.Name);
        json.WriteString("repeats", lease.Repetition?.Repeats.ToString());
        json.WriteString("vary", lease.Repetition is { } repetition ? VariationNames.Write(repetition.Wanted) : null);
        json.WriteEndObject();
    }

    private static void WriteJob(Utf8JsonWriter json, ScheduledJob job)
    {
        json.WriteStartObject();
        json.WriteString("name", job.Name.Value);
        json.WriteString("platform", job.Platform?.Value);
        json.WriteString("period", job.Options.Cron is null ? job.Period.ToString().ToLowerInvariant() : null);
        json.WriteString("cron", job.Options.Cron);
        json.WriteString("next", job.Next >= Protocol.Values.Timestamp.Never ? null : Rfc3339.Of(job.Next));
        json.WriteNumber("priority", job.Options.Priority);
        json.WriteString("owner", job.Options.Owner);
        if (job.Options.Expected.All.Count > 0)
            job.Options.Expected.Write(json);
        job.Options.Rebuild.Write(json);
        if (job.Options.TimeLimit is { } limit)
            json.WriteNumber("time_limit_seconds", (long)limit.TotalSeconds);
        if (job.Options.Limits is { } limits)
        {
            json.WritePropertyName("limits");
            Protocol.Messages.JobLimitsMessage.Write(json, limits);
        }
        json.WriteEndObject();
    }
}
