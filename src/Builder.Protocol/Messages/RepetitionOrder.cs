using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>
/// What the server sends to an extended worker before a job that repeats a build: a <see cref="Command.Request"/> with a JSON body. Only workers
/// whose <see cref="WorkerFacts"/> name their variations get it.
/// </summary>
/// <param name="Vary">What the worker is to change, as far as it can.</param>
/// <param name="Date">The recorded <c>SOURCE_DATE_EPOCH</c>; null where the build recorded none.</param>
/// <param name="Recorded">What the build recorded of its inputs, by file name.</param>
public sealed record RepetitionOrder(BuildUuid Repeats, Variations Vary, long? Date, IReadOnlyDictionary<string, ByteString> Recorded)
{
    public const string Verb = "repetition";

    /// <summary>Names of the files that record inputs: an artifact of any other name is no input.</summary>
    public static IReadOnlyList<string> RecordedNames { get; } = ["opam-switch", "build-inputs", "build-environment", "system-packages"];

    /// <summary>Of all recorded files together, in bytes. A build with more is repeated without them.</summary>
    public const int MaxRecordedBytes = 8 << 20;

    public Command.Request ToCommand()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("repeats", Repeats.ToString());
            json.WriteString("vary", VariationNames.Write(Vary));
            if (Date is { } date)
                json.WriteNumber("source_date_epoch", date);
            json.WriteStartObject("recorded");
            foreach (var (name, content) in Recorded)
                json.WriteBase64String(name, content.Span);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return new Command.Request(ByteString.FromUtf8(Verb), new ByteString(buffer.ToArray()));
    }

    /// <summary>Reads <see cref="ToCommand"/>. Variations and files of a later version are passed over.</summary>
    /// <exception cref="ProtocolException">Not such an order.</exception>
    public static RepetitionOrder From(Command.Request request)
    {
        try
        {
            using var document = JsonDocument.Parse(request.Body.Memory, new JsonDocumentOptions { MaxDepth = 4 });
            var root = document.RootElement;
            return new RepetitionOrder(
                BuildUuid.TryParse(root.GetProperty("repeats").GetString() ?? "", out var repeats)
                    ? repeats
                    : throw new FormatException("\"repeats\" is no uuid"),
                VariationNames.ReadKnown(root.GetProperty("vary").GetString() ?? ""),
                root.TryGetProperty("source_date_epoch", out var date) ? date.GetInt64() : null,
                root.GetProperty("recorded")
                    .EnumerateObject()
                    .Where(static file => RecordedNames.Contains(file.Name))
                    .ToDictionary(static file => file.Name, static file => new ByteString(file.Value.GetBytesFromBase64()))
            );
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            throw new ProtocolException(
                ProtocolErrorReason.Unexpected,
                $"what the job repeats cannot be read: {exception.Message}",
                exception
            );
        }
    }
}
