using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>What a worker that can resume is told before its job: the secret of its lease, and for how long it may come back.</summary>
public sealed record LeaseMessage(ByteString Token, TimeSpan ResumeWithin)
{
    public const string Verb = "lease";

    /// <summary>A day.</summary>
    private const int MaxSeconds = 24 * 3600;

    public Command.Request ToCommand()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("token", Convert.ToHexStringLower(Token.Span));
            json.WriteNumber("seconds", (long)Math.Ceiling(ResumeWithin.TotalSeconds));
            json.WriteEndObject();
        }
        return new Command.Request(ByteString.FromUtf8(Verb), new ByteString(buffer.ToArray()));
    }

    /// <exception cref="ProtocolException">Not such a message.</exception>
    public static LeaseMessage From(Command.Request request)
    {
        try
        {
            using var document = JsonDocument.Parse(request.Body.Memory, new JsonDocumentOptions { MaxDepth = 2 });
            return new LeaseMessage(
                new ByteString(Convert.FromHexString(document.RootElement.GetProperty("token").GetString() ?? "")),
                TimeSpan.FromSeconds(Math.Clamp(document.RootElement.GetProperty("seconds").GetInt64(), 0, MaxSeconds))
            );
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ProtocolException(ProtocolErrorReason.Unexpected, $"the lease cannot be read: {exception.Message}", exception);
        }
    }
}
