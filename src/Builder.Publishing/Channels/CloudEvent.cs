using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>An event in the structured JSON form of CloudEvents 1.0.2.</summary>
public static class CloudEvent
{
    public const string ContentType = "application/cloudevents+json";

    private const string TypePrefix = "builder.";

    /// <summary>The same for each attempt and each sender: receivers recognise repetitions by it.</summary>
    public static string IdOf(OutboxEvent found) =>
        $"evt_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(found.Key)).AsSpan(0, 16))}";

    public static byte[] Write(OutboxEvent found, SitePlace site)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", IdOf(found));
            json.WriteString("source", site.Address?.GetLeftPart(UriPartial.Authority) ?? "urn:builder");
            json.WriteString("type", TypePrefix + found.Kind);
            if (found.Job is not null)
                json.WriteString("subject", found.Platform is null ? found.Job : $"{found.Job}/{found.Platform}");
            json.WriteString("time", found.Created.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null));
            json.WriteString("datacontenttype", "application/json");
            json.WriteStartObject("data");
            using (var data = JsonDocument.Parse(found.Data))
            {
                foreach (var member in data.RootElement.EnumerateObject())
                    member.WriteTo(json);
            }
            if (site.PageOf(found) is { } page)
                json.WriteString("url", page.AbsoluteUri);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
