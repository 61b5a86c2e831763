using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>What a worker that got a <see cref="RepetitionOrder"/> sends before the result: a <see cref="Command.Request"/> with a JSON body.</summary>
public static class VariationsMessage
{
    public const string Verb = "variations";

    public static Command.Request ToCommand(VariationReport report)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("made", VariationNames.Write(report.Made));
            json.WriteString("missing", report.WriteMissing());
            json.WriteEndObject();
        }
        return new Command.Request(ByteString.FromUtf8(Verb), new ByteString(buffer.ToArray()));
    }

    /// <exception cref="ProtocolException">Not such a message.</exception>
    public static VariationReport From(Command.Request request)
    {
        try
        {
            using var document = JsonDocument.Parse(request.Body.Memory, new JsonDocumentOptions { MaxDepth = 4 });
            return VariationReport.Read(
                document.RootElement.GetProperty("made").GetString() ?? "",
                document.RootElement.GetProperty("missing").GetString() ?? ""
            );
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ProtocolException(
                ProtocolErrorReason.Unexpected,
                $"the variations of the job cannot be read: {exception.Message}",
                exception
            );
        }
    }
}
