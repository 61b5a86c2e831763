using System.Buffers;
using System.Text;
using System.Text.Json;
using Builder.Analysis.Difference;

namespace Builder.Storage.Differences;

/// <summary>Causes as the database keeps them: a JSON array, bounded whatever the engine found.</summary>
internal static class CausesText
{
    /// <summary>Characters of a path, a value or a sentence.</summary>
    private const int MaxLength = 400;

    public static string Write(IReadOnlyList<Cause> causes)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var cause in causes.Take(StoredDifference.MaxCauses))
            {
                json.WriteStartObject();
                json.WriteString("cause", CauseNames.NameOf(cause.Kind));
                json.WriteString("path", Shorten(cause.Path));
                json.WriteString("left", Shorten(cause.Left));
                json.WriteString("right", Shorten(cause.Right));
                json.WriteString("fix", Shorten(cause.Fix));
                json.WriteNumber("count", cause.Count);
                json.WriteNumber("strength", cause.Strength);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static IReadOnlyList<Cause> Read(string text)
    {
        using var json = JsonDocument.Parse(text);
        var causes = new List<Cause>(json.RootElement.GetArrayLength());
        foreach (var cause in json.RootElement.EnumerateArray())
        {
            var kind = CauseNames.TryParse(cause.GetProperty("cause").GetString()!, out var known) ? known : CauseKind.Content;
            causes.Add(
                new Cause(
                    kind,
                    cause.GetProperty("path").GetString()!,
                    cause.GetProperty("left").GetString()!,
                    cause.GetProperty("right").GetString()!,
                    cause.GetProperty("fix").GetString()!
                )
                {
                    Count = cause.GetProperty("count").GetInt32(),
                    Strength = cause.GetProperty("strength").GetInt32(),
                }
            );
        }
        return causes;
    }

    /// <summary>PostgreSQL's text takes no NUL, and no half of a surrogate pair survives a cut.</summary>
    private static string Shorten(string text)
    {
        var whole = text.Replace('\0', '\ufffd');
        if (whole.Length <= MaxLength)
            return whole;
        var length = char.IsHighSurrogate(whole[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return whole[..length] + "…";
    }
}
