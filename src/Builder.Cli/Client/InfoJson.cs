using System.Globalization;
using System.Text.Json;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Cli.Client;

/// <summary>A server's state for programs. Scripts are left out: they are long, and who asks for the state has them.</summary>
internal static class InfoJson
{
    private const int MaxUnwrittenSize = 32 << 10;

    /// <summary>Writes as it goes: there can be a hundred thousand jobs.</summary>
    /// <param name="workers">Null where the server does not tell.</param>
    public static void Write(
        Stream output,
        ServerInfo info,
        IReadOnlyList<KnownWorker>? workers,
        IReadOnlyList<KnownRepetition>? repetitions = null,
        IReadOnlyList<GoneWorker>? gone = null,
        KnownServer? serving = null
    )
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            if (serving is not null)
            {
                json.WriteStartObject("server");
                json.WriteString("holder", serving.Holder);
                json.WriteNumber("epoch", serving.Epoch);
                json.WriteEndObject();
            }
            WriteArray(
                json,
                "schedule",
                info.Schedule,
                item =>
                {
                    WriteJob(json, item.Job);
                    json.WriteString("period", item.Period.ToString().ToLowerInvariant());
                    if (item.Next >= Timestamp.Never)
                        json.WriteNull("next");
                    else
                        json.WriteString("next", Rfc3339(item.Next));
                }
            );
            WriteArray(
                json,
                "queues",
                info.Queues,
                queue =>
                {
                    json.WriteString("platform", queue.Platform.ToString());
                    WriteArray(json, "jobs", queue.Jobs, job => WriteJob(json, job));
                }
            );
            WriteArray(
                json,
                "running",
                info.Running,
                running =>
                {
                    WriteJob(json, running.Job);
                    json.WriteString("uuid", running.Uuid.ToString());
                    json.WriteString("started", Rfc3339(running.Started));
                }
            );
            if (workers is not null)
            {
                WriteArray(
                    json,
                    "workers",
                    workers,
                    worker =>
                    {
                        json.WriteString("name", worker.Name);
                        json.WriteString("platform", worker.Platform);
                        json.WriteString("isolation", worker.Isolation?.Name);
                        json.WriteString("isolation_reason", worker.Isolation?.Reason);
                        json.WriteString("root", worker.Isolation?.Root?.ToString());
                        json.WriteString("job", worker.Job);
                        json.WriteBoolean("drained", worker.IsDrained);
                        json.WriteString("version", worker.Version);
                        if (worker.LastSeen is { } seen)
                            json.WriteString("last_seen", Rfc3339(Timestamp.From(seen)));
                    }
                );
            }
            if (gone is not null)
            {
                WriteArray(
                    json,
                    "gone_workers",
                    gone,
                    worker =>
                    {
                        json.WriteString("name", worker.Name);
                        json.WriteString("platform", worker.Platform);
                        json.WriteString("version", worker.Version);
                        json.WriteString("last_seen", Rfc3339(Timestamp.From(worker.LastSeen)));
                    }
                );
            }
            if (repetitions is not null)
            {
                WriteArray(
                    json,
                    "repetitions",
                    repetitions,
                    repetition =>
                    {
                        json.WriteString("job", repetition.Job);
                        json.WriteString("platform", repetition.Platform);
                        json.WriteString("repeats", repetition.Repeats);
                        json.WriteString("vary", repetition.Vary);
                        json.WriteBoolean("bisection", repetition.IsBisection);
                        json.WriteString("build", repetition.Build);
                    }
                );
            }
            json.WriteStartArray("dropped_platforms");
            foreach (var platform in info.DroppedPlatforms)
                json.WriteStringValue(platform.ToString());
            json.WriteEndArray();
            json.WriteEndObject();
        }
        output.WriteByte((byte)'\n');
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<T> writeContent)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            writeContent(item);
            json.WriteEndObject();
            if (json.BytesPending > MaxUnwrittenSize)
                json.Flush();
        }
        json.WriteEndArray();
    }

    private static void WriteJob(Utf8JsonWriter json, Job job)
    {
        json.WriteString("name", job.Name.ToString());
        if (job is ScriptJob script)
            json.WriteString("platform", script.Platform.ToString());
        if (job is OrbBuildJob orb)
            json.WriteString("opam_package", orb.OpamPackage.ToString());
    }

    private static string Rfc3339(Timestamp time) =>
        time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
