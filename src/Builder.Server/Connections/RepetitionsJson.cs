using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Server.Dispatch;
using Builder.Server.Formats;
using Builder.Server.Scheduling;

namespace Builder.Server.Connections;

/// <summary>The repetitions that wait and those under way.</summary>
internal static class RepetitionsJson
{
    /// <summary>Of those that wait; a list is for people.</summary>
    private const int MaxListed = 10_000;

    public static byte[] Of(Dispatcher farm)
    {
        var waiting = Waiting(farm);
        var running = farm.Look(static state => state.Leases.Values.Where(static lease => lease.Repetition is not null).ToList());
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("running");
            foreach (var lease in running)
            {
                json.WriteStartObject();
                json.WriteString("build", lease.Uuid.ToString());
                json.WriteString("worker", lease.Worker);
                WriteFields(json, lease.Repetition!);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            Write(json, waiting);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    public static IReadOnlyList<Repetition> Waiting(Dispatcher farm) =>
        farm.Look(static state => state.Repetitions.All().Take(MaxListed).ToList());

    public static void Write(Utf8JsonWriter json, IReadOnlyList<Repetition> waiting)
    {
        json.WriteStartArray("repetitions");
        foreach (var repetition in waiting)
        {
            json.WriteStartObject();
            WriteFields(json, repetition);
            json.WriteString("since", Rfc3339.Of(repetition.Since));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteFields(Utf8JsonWriter json, Repetition repetition)
    {
        json.WriteString("job", repetition.Name.Value);
        json.WriteString("platform", repetition.Platform.Value);
        json.WriteString("repeats", repetition.Repeats.ToString());
        json.WriteString("vary", VariationNames.Write(repetition.Wanted));
        json.WriteBoolean("bisection", repetition.Bisection is not null);
    }
}
