using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>A worker comes back to its job, in place of a request for one.</summary>
public sealed record ResumeMessage(BuildUuid Uuid, ByteString Token)
{
    public const string Verb = "resume";

    public Command.Request ToCommand()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("uuid", Uuid.ToString());
            json.WriteString("token", Convert.ToHexStringLower(Token.Span));
            json.WriteEndObject();
        }
        return new Command.Request(ByteString.FromUtf8(Verb), new ByteString(buffer.ToArray()));
    }

    /// <exception cref="ProtocolException">Not such a message.</exception>
    public static ResumeMessage From(Command.Request request)
    {
        try
        {
            using var document = JsonDocument.Parse(request.Body.Memory, new JsonDocumentOptions { MaxDepth = 2 });
            return BuildUuid.TryParse(document.RootElement.GetProperty("uuid").GetString() ?? "", out var uuid)
                ? new ResumeMessage(
                    uuid,
                    new ByteString(Convert.FromHexString(document.RootElement.GetProperty("token").GetString() ?? ""))
                )
                : throw new FormatException("uuid is not a uuid");
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ProtocolException(ProtocolErrorReason.Unexpected, $"resume cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The server's answer: how many lines of the console it has.</summary>
    public static Command.Answer Answer(long lines)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("lines", lines);
            json.WriteEndObject();
        }
        return new Command.Answer(new ByteString(buffer.ToArray()));
    }

    /// <exception cref="ProtocolException">Not such an answer.</exception>
    public static long LinesOf(Command.Answer answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body.Memory, new JsonDocumentOptions { MaxDepth = 2 });
            return Math.Max(0, document.RootElement.GetProperty("lines").GetInt64());
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ProtocolException(
                ProtocolErrorReason.Unexpected,
                $"the answer to resume cannot be read: {exception.Message}",
                exception
            );
        }
    }
}
