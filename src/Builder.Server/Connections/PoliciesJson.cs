using System.Text.Json;
using Builder.Server.Dispatch;

namespace Builder.Server.Connections;

/// <summary>What the schedule says about judging builds. The site asks for it; jobs for which it says nothing are left out.</summary>
internal static class PoliciesJson
{
    public static byte[] Of(Dispatcher dispatcher)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("jobs");
            var jobs = dispatcher.Look(static state =>
                state
                    .InOrder()
                    .Select(static job => job)
                    .Where(static job =>
                        job.Options.Expected.All.Count > 0 || job.Options.Publish is not null || job.Options.Budget is not null
                    )
                    .ToList()
            );
            foreach (var job in jobs)
            {
                json.WriteStartObject();
                json.WriteString("job", job.Name.Value);
                job.Options.Expected.Write(json);
                job.Options.Publish?.Write(json);
                job.Options.Budget?.Write(json);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
