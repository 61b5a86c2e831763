using System.Text.Json;
using System.Text.Json.Nodes;

namespace Builder.Web.Tests;

/// <summary>As much of JSON Schema as our document uses. What a schema does not name must not be there.</summary>
internal sealed class JsonShape(JsonObject schemas)
{
    public IEnumerable<string> Complaints(JsonNode? json, JsonNode schema) => Check(json, [schema], "");

    /// <param name="all">It has to fit each of these; what one names is known.</param>
    private IEnumerable<string> Check(JsonNode? json, IReadOnlyList<JsonNode> all, string where)
    {
        var parts = all.SelectMany(Parts).ToList();
        return parts
            .SelectMany(part => CheckOne(json, part, where))
            .Concat(
                json switch
                {
                    JsonObject members => members.SelectMany(member => CheckMember(member, parts, where)),
                    JsonArray items when parts.Select(part => part["items"]).OfType<JsonNode>().ToList() is { Count: > 0 } each =>
                        items.SelectMany((item, index) => Check(item, each, $"{where}[{index}]")),
                    _ => [],
                }
            );
    }

    private IEnumerable<JsonNode> Parts(JsonNode schema) =>
        schema["$ref"] is { } reference ? Parts(schemas[reference.GetValue<string>().Split('/')[^1]]!)
        : schema["allOf"] is JsonArray together ? together.SelectMany(part => Parts(part!))
        : [schema];

    private IEnumerable<string> CheckMember(KeyValuePair<string, JsonNode?> member, List<JsonNode> parts, string where)
    {
        if (
            parts.Exists(part =>
                part["oneOf"] is not null
                || (part["type"] is JsonValue && part["properties"] is null && part["additionalProperties"] is null)
            )
        )
            return [];
        var named = parts.Select(part => part["properties"]?[member.Key] ?? part["additionalProperties"]).OfType<JsonNode>().ToList();
        return named.Count == 0 ? [$"{where}.{member.Key} is not described"] : Check(member.Value, named, $"{where}.{member.Key}");
    }

    private static IEnumerable<string> CheckOne(JsonNode? json, JsonNode schema, string where)
    {
        if (schema["required"] is JsonArray required && json is JsonObject members)
        {
            foreach (var name in required.Select(name => name!.GetValue<string>()).Where(name => !members.ContainsKey(name)))
                yield return $"{where}.{name} is missing";
        }
        if (schema["const"] is { } constant && !JsonNode.DeepEquals(constant, json))
            yield return $"{where} is {json}, not {constant}";
        if (schema["enum"] is JsonArray values && !values.Any(value => JsonNode.DeepEquals(value, json)))
            yield return $"{where} is {json}, none of {values.ToJsonString()}";
        var types = schema["type"] switch
        {
            null => [],
            JsonArray several => several.Select(type => type!.GetValue<string>()).ToList(),
            var one => [one.GetValue<string>()],
        };
        if (types.Count > 0 && !types.Contains(TypeOf(json)))
            yield return $"{where} is {TypeOf(json)}, not {string.Join(" or ", types)}";
    }

    private static string TypeOf(JsonNode? json) =>
        json?.GetValueKind() switch
        {
            null or JsonValueKind.Null => "null",
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => json.AsValue().TryGetValue<long>(out _) ? "integer" : "number",
            _ => "boolean",
        };
}
