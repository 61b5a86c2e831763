using System.Diagnostics;
using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>What an extended client of version 1014 may send before its command: the span that it asks in, so that the builds refer to it.</summary>
public static class TraceMessage
{
    public const string Verb = "trace";

    public static Command.Request ToCommand(Activity span)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString(TraceParent.Name, span.Id);
            json.WriteEndObject();
        }
        return new Command.Request(ByteString.FromUtf8(Verb), new ByteString(buffer.ToArray()));
    }

    /// <returns>Null where it names no span.</returns>
    /// <exception cref="ProtocolException">Not an object in JSON.</exception>
    public static ActivityContext? From(Command.Request request)
    {
        try
        {
            using var document = JsonDocument.Parse(request.Body.Memory, new JsonDocumentOptions { MaxDepth = 4 });
            return
                document.RootElement.TryGetProperty(TraceParent.Name, out var text)
                && text.ValueKind == JsonValueKind.String
                && TraceParent.TryParse(text.GetString(), out var context)
                ? context
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ProtocolException(
                ProtocolErrorReason.Unexpected,
                $"the request \"{Verb}\" cannot be read: {exception.Message}",
                exception
            );
        }
    }
}
