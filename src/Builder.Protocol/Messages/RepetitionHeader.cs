using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>
/// What a build server says of a repetition when it uploads it: the HTTP header <c>Builder-Repetition</c>, JSON in ASCII. Sites of the original
/// ignore it; they read at most 4 KiB of headers.
/// </summary>
/// <param name="Repeats">The build that it repeats.</param>
/// <param name="Worker">The worker that made the repetition.</param>
/// <param name="FirstWorker">The worker that made the build.</param>
/// <param name="Variations">What was varied.</param>
/// <param name="Finding">What a bisection ended with; null where none has ended.</param>
public sealed record RepetitionHeader(
    BuildUuid Repeats,
    string Worker,
    string FirstWorker,
    VariationReport Variations,
    BisectionFinding? Finding = null
)
{
    public const string Name = "Builder-Repetition";

    /// <summary>Longest value, in characters.</summary>
    public const int MaxLength = 800;

    /// <summary>Longest name of a worker, in bytes of the header.</summary>
    private const int MaxWorker = 60;

    public string Write()
    {
        using var buffer = new MemoryStream();
        // The standard encoder escapes whatever is not ASCII.
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("repeats", Repeats.ToString());
            json.WriteString("worker", Shortened(Worker));
            json.WriteString("first_worker", Shortened(FirstWorker));
            json.WriteString("made", VariationNames.Write(Variations.Made));
            json.WriteString("missing", Variations.WriteMissing());
            if (Finding is { } finding)
                json.WriteString("finding", finding.Write());
            json.WriteEndObject();
        }
        return Encoding.ASCII.GetString(buffer.ToArray());
    }

    public static bool TryRead(string value, [NotNullWhen(true)] out RepetitionHeader? header)
    {
        header = null;
        if (value.Length > MaxLength)
            return false;
        try
        {
            using var document = JsonDocument.Parse(value, new JsonDocumentOptions { MaxDepth = 4 });
            var root = document.RootElement;
            if (!BuildUuid.TryParse(root.GetProperty("repeats").GetString() ?? "", out var repeats))
                return false;
            header = new RepetitionHeader(
                repeats,
                Shortened(root.GetProperty("worker").GetString() ?? ""),
                Shortened(root.GetProperty("first_worker").GetString() ?? ""),
                VariationReport.Read(root.GetProperty("made").GetString() ?? "", root.GetProperty("missing").GetString() ?? ""),
                root.TryGetProperty("finding", out var finding) ? BisectionFinding.Read(finding.GetString() ?? "") : null
            );
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return false;
        }
    }

    /// <summary>A name as long as it fits; what JSON escapes takes more room.</summary>
    private static string Shortened(string name)
    {
        var (length, room) = (0, MaxWorker);
        while (
            length < name.Length
            && (room -= name[length] is >= ' ' and <= '~' and not ('"' or '\\' or '<' or '>' or '&' or '\'' or '+') ? 1 : 6) >= 0
        )
            length++;
        return length == name.Length ? name : name[..length];
    }
}
