using System.Text.Json;
using Builder.Server.Scheduling;

namespace Builder.Server.Connections;

/// <summary>Where a finished build goes over its budget.</summary>
internal static class BudgetJson
{
    public static byte[] Of(IReadOnlyList<BudgetExcess> over)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("over_budget");
            foreach (var one in over)
            {
                json.WriteStartObject();
                json.WriteString("limit", one.Limit);
                json.WriteNumber("value", one.Value);
                json.WriteNumber("budget", one.Budget);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
