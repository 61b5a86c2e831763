using System.Collections.Immutable;
using System.Text.Json;

namespace Builder.Analysis.Advisories;

/// <summary>Reads fields of an OSV file: absent and null are the same.</summary>
internal static class OsvJson
{
    public static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    public static string? Text(JsonElement element, string name) => LongText(element, name) is { } text ? AdvisoryText.Short(text) : null;

    public static string? LongText(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <exception cref="AdvisoryException">It is there and no array, or a very long one.</exception>
    public static IEnumerable<JsonElement> Items(JsonElement element, string name, string file)
    {
        if (Member(element, name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Array)
            throw new AdvisoryException($"{file}: the field {name} is not an array");
        return value.GetArrayLength() <= AdvisoryLimits.MaxItems
            ? value.EnumerateArray()
            : throw new AdvisoryException($"{file}: the field {name} has more than {AdvisoryLimits.MaxItems} elements");
    }

    /// <exception cref="AdvisoryException">It is there and no array of texts, or a very long one.</exception>
    public static ImmutableArray<string> Texts(JsonElement element, string name, string file) =>
        [
            .. Items(element, name, file)
                .Select(item =>
                    item.ValueKind == JsonValueKind.String
                        ? AdvisoryText.Short(item.GetString()!)
                        : throw new AdvisoryException($"{file}: the field {name} has a value that is not a text")
                ),
        ];
}
