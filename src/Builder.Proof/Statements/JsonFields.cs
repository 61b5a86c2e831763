using System.Globalization;
using System.Text.Json;
using Builder.Analysis.Values;

namespace Builder.Proof.Statements;

/// <summary>Reads members of JSON objects that others wrote. A member that is null or an empty text counts as absent, as SLSA has it.</summary>
internal static class JsonFields
{
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <exception cref="InvalidStatementException">There is no such text.</exception>
    public static string Text(JsonElement element, string name) =>
        TextOrNull(element, name) ?? throw new InvalidStatementException($"\"{name}\" is missing or not a text");

    /// <exception cref="InvalidStatementException">It is something else than a text.</exception>
    public static string? TextOrNull(JsonElement element, string name) =>
        Member(element, name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } value => value.GetString() is { Length: > 0 } text ? text : null,
            _ => throw new InvalidStatementException($"\"{name}\" is not a text"),
        };

    /// <exception cref="InvalidStatementException">There is no such object.</exception>
    public static JsonElement Object(JsonElement element, string name) =>
        ObjectOrNull(element, name) ?? throw new InvalidStatementException($"\"{name}\" is missing");

    /// <exception cref="InvalidStatementException">It is something else than an object.</exception>
    public static JsonElement? ObjectOrNull(JsonElement element, string name) =>
        Member(element, name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Object } value => value,
            _ => throw new InvalidStatementException($"\"{name}\" is not an object"),
        };

    /// <exception cref="InvalidStatementException">It is something else than a list, or too long.</exception>
    public static IEnumerable<JsonElement> List(JsonElement element, string name, int max)
    {
        if (Member(element, name) is not { } list)
            return [];
        if (list.ValueKind != JsonValueKind.Array)
            throw new InvalidStatementException($"\"{name}\" is not a list");
        return list.GetArrayLength() <= max
            ? list.EnumerateArray()
            : throw new InvalidStatementException($"\"{name}\" has {list.GetArrayLength()} entries; at most {max} are read");
    }

    /// <exception cref="InvalidStatementException">It is something else than a time in RFC 3339.</exception>
    public static DateTimeOffset? TimeOrNull(JsonElement element, string name) =>
        TextOrNull(element, name) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUniversalTime()
        : throw new InvalidStatementException($"\"{name}\" is not a time");

    /// <exception cref="InvalidStatementException">There is no SHA-256 of that name.</exception>
    public static Sha256Digest Digest(JsonElement element, string name) =>
        Sha256Digest.TryParse(Text(element, name), out var digest)
            ? digest
            : throw new InvalidStatementException($"\"{name}\" is not a SHA-256");

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
}
