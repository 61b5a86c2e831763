using System.Text.Json;
using Builder.Storage.Accounts;

namespace Builder.Web.Accounts;

/// <summary>Entries of the audit log for programs.</summary>
internal static class AuditJson
{
    public static void Write(Utf8JsonWriter json, AuditPage page)
    {
        json.WriteStartObject();
        json.WriteStartArray("entries");
        foreach (var (id, time, entry) in page.Entries)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("time", time);
            json.WriteString("actor", entry.Actor);
            json.WriteString("way", entry.Way);
            json.WriteString("address", entry.Address);
            json.WriteString("action", entry.Action);
            json.WriteString("subject", entry.Subject);
            json.WriteString("outcome", AuditLog.NameOf(entry.Outcome));
            json.WriteString("detail", entry.Detail);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (page.Before is { } before)
            json.WriteNumber("before", before);
        json.WriteEndObject();
    }
}
