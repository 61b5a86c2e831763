using System.Text.Json;

namespace Builder.Web.OpenId;

/// <summary>A claim that is a text or a list of texts.</summary>
internal static class ClaimTexts
{
    private const int MaxTexts = 1000;

    public static List<string> Of(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out var value))
            return [];
        return value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array =>
            [
                .. value
                    .EnumerateArray()
                    .Take(MaxTexts)
                    .Where(static one => one.ValueKind == JsonValueKind.String)
                    .Select(static one => one.GetString()!),
            ],
            _ => [],
        };
    }
}
