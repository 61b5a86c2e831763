using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Builder.Proof.Links;

/// <summary>
/// JSON in the one form that in-toto signs ("OLPC canonical JSON"): members in the order of their names, no blanks, nothing escaped but quotes
/// and backslashes. Numbers are whole.
/// </summary>
internal static class CanonicalJson
{
    public static byte[] Write(JsonNode node)
    {
        var text = new StringBuilder();
        Append(text, node);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Append(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                text.Append('{');
                foreach (var (index, member) in members.OrderBy(member => member.Key, CodePoints).Index())
                {
                    AppendText(index == 0 ? text : text.Append(','), member.Key);
                    Append(text.Append(':'), member.Value);
                }
                text.Append('}');
                break;
            case JsonArray elements:
                text.Append('[');
                foreach (var (index, element) in elements.Index())
                    Append(index == 0 ? text : text.Append(','), element);
                text.Append(']');
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                AppendText(text, value.GetValue<string>());
                break;
            case JsonValue value when value.TryGetValue(out int number):
                text.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                throw new ArgumentException($"{node?.GetValueKind()} has no canonical form", nameof(node));
        }
    }

    private static void AppendText(StringBuilder text, string value) =>
        text.Append('"')
            .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))
            .Append('"');

    private static Comparer<string> CodePoints { get; } =
        Comparer<string>.Create((left, right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)));
}
