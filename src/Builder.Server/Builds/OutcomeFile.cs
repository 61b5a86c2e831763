using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Builds;

/// <summary>The outcome of a build as a file beside it, for a server that was killed before its journal had the build.</summary>
internal static class OutcomeFile
{
    public static byte[] Write(Outcome outcome)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("output", outcome.Output?.ToString());
            if (outcome.Date is { } date)
                json.WriteNumber("date", date);
            if (outcome.Variations is { } variations)
            {
                json.WriteString("made", VariationNames.Write(variations.Made));
                json.WriteString("missing", variations.WriteMissing());
            }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary><see cref="Outcome.None"/> for what cannot be read: the build is kept, and not repeated.</summary>
    public static Outcome Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 2 });
            var root = document.RootElement;
            return new Outcome(
                Sha256Digest.TryParse(root.GetProperty("output").GetString() ?? "", out var output) ? output : null,
                root.TryGetProperty("date", out var date) ? date.GetInt64() : null,
                root.TryGetProperty("made", out var made)
                    ? VariationReport.Read(made.GetString() ?? "", root.GetProperty("missing").GetString() ?? "")
                    : null
            );
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return Outcome.None;
        }
    }
}
