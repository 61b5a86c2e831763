using System.Net.Http.Headers;
using System.Text.Json;

namespace Builder.Publishing.Channels;

/// <summary>Requests whose body is a JSON object.</summary>
internal static class JsonRequest
{
    public static HttpRequestMessage Post(Uri address, Action<Utf8JsonWriter> write) => Make(HttpMethod.Post, address, write);

    public static HttpRequestMessage Put(Uri address, Action<Utf8JsonWriter> write) => Make(HttpMethod.Put, address, write);

    private static HttpRequestMessage Make(HttpMethod method, Uri address, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        var content = new ByteArrayContent(buffer.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        return new HttpRequestMessage(method, address) { Content = content };
    }
}
