using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Builder.Analysis.Logs;

/// <summary>A first error as JSON: <c>line</c>, <c>text</c>, <c>tool</c>, <c>context</c>, <c>fingerprint</c>, inside opam also <c>subject</c>.</summary>
public static class FirstErrorJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>On a line of its own.</summary>
    public static byte[] Write(FirstError error)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            WriteProperties(json, error);
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    public static void WriteProperties(Utf8JsonWriter json, FirstError error)
    {
        json.WriteNumber("line", error.Line);
        json.WriteString("text", error.Text);
        json.WriteString("tool", error.Tool);
        if (error.Subject is not null)
            json.WriteString("subject", error.Subject);
        json.WriteStartArray("context");
        foreach (var line in error.Context)
            json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteString("fingerprint", error.Fingerprint);
    }

    /// <summary>Null where the answer says that nothing looks like an error.</summary>
    public static FirstError? Read(JsonElement json) =>
        json.TryGetProperty("line", out var line) && line.ValueKind == JsonValueKind.Number
            ? new FirstError(
                line.GetInt64(),
                Text(json, "text") ?? "",
                Text(json, "tool") ?? "error",
                Text(json, "subject"),
                json.TryGetProperty("context", out var context) && context.ValueKind == JsonValueKind.Array
                    ? [.. context.EnumerateArray().Select(static one => one.GetString() ?? "")]
                    : [],
                Text(json, "fingerprint") ?? ""
            )
            : null;

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
