using System.Globalization;
using System.Text.Json;
using Builder.Storage.Rebuilders;

namespace Builder.Web.Rebuilders;

/// <summary>What rebuilders say, for programs.</summary>
internal static class QuorumJson
{
    /// <summary>Members of the object that is open.</summary>
    public static void Write(Utf8JsonWriter json, Quorum quorum)
    {
        json.WriteStartObject("rebuilders");
        json.WriteNumber("agree", quorum.Tally.Agreeing.Length);
        json.WriteNumber("of", quorum.Tally.Count);
        if (quorum.Rule is { } rule)
        {
            json.WriteNumber("required", rule.Others);
            json.WriteBoolean("independent", rule.IsIndependent);
        }
        json.WriteBoolean("withheld", quorum.IsWithheld);
        json.WriteString("waits_for", quorum.Waiting);
        json.WriteStartArray("statements");
        foreach (var row in quorum.Said)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Name);
            json.WriteString("key_id", row.KeyId);
            json.WriteString("build", row.Build.ToString());
            json.WriteBoolean("agrees", row.Agrees);
            json.WriteBoolean("counts", row.Counts);
            json.WriteString("difference", row.Difference);
            json.WriteString("received", row.Received.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteString("statement", row.PayloadDigest.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
