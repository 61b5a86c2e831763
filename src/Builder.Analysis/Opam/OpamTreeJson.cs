using System.Collections.Immutable;
using System.Text.Json;

namespace Builder.Analysis.Opam;

/// <summary>A tree as JSON, for programs that have no opam parser. What is not UTF-8 in a string shows as U+FFFD.</summary>
public static class OpamTreeJson
{
    /// <summary>Deep enough for the deepest tree that the parser lets through: a chain of thousands of terms is as deep as it is long.</summary>
    public const int MaximumDepth = (OpamLimits.Depth * 3) + OpamLimits.Nodes;

    public static void Write(Utf8JsonWriter json, OpamFile file) => WriteItems(json, file.Items);

    private static void WriteItems(Utf8JsonWriter json, ImmutableArray<OpamItem> items)
    {
        json.WriteStartArray();
        foreach (var item in items)
        {
            WriteItem(json, item);
            FlushNowAndThen(json);
        }
        json.WriteEndArray();
    }

    private static void WriteItem(Utf8JsonWriter json, OpamItem item)
    {
        json.WriteStartObject();
        switch (item)
        {
            case OpamItem.Field field:
                json.WriteString("field", field.Name);
                WriteValue(json, "value", field.Value);
                break;
            case OpamItem.Section section:
                json.WriteString("section", section.Kind);
                if (section.Name is { } name)
                    json.WriteString("name", name.ToString());
                json.WritePropertyName("items");
                WriteItems(json, section.Items);
                break;
            default:
                throw new InvalidOperationException($"No such item: {item.GetType()}.");
        }
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, string property, OpamValue value)
    {
        json.WritePropertyName(property);
        WriteValue(json, value);
    }

    private static void WriteValue(Utf8JsonWriter json, OpamValue value)
    {
        json.WriteStartObject();
        switch (value)
        {
            case OpamValue.Ident ident:
                json.WriteString("ident", ident.Name);
                break;
            case OpamValue.Text text:
                json.WriteString("string", text.Value.ToString());
                break;
            case OpamValue.Number number:
                json.WriteNumber("int", number.Value);
                break;
            case OpamValue.Flag flag:
                json.WriteBoolean("bool", flag.Value);
                break;
            case OpamValue.List list:
                WriteValues(json, "list", list.Values);
                break;
            case OpamValue.Group group:
                WriteValues(json, "group", group.Values);
                break;
            case OpamValue.Option option:
                WriteValue(json, "option", option.Value);
                WriteValues(json, "opts", option.Options);
                break;
            case OpamValue.Logical logical:
                WriteChain(json, logical);
                break;
            case OpamValue.Relational relational:
                WriteBinary(json, "relop", relational.Operator, relational.Left, relational.Right);
                break;
            case OpamValue.Environment environment:
                WriteBinary(json, "env", environment.Operator, environment.Left, environment.Right);
                break;
            case OpamValue.Prefix prefix:
                WritePrefix(json, "pfxop", prefix.Operator, prefix.Argument);
                break;
            case OpamValue.PrefixRelational prefix:
                WritePrefix(json, "prefix_relop", prefix.Operator, prefix.Argument);
                break;
            default:
                throw new InvalidOperationException($"No such value: {value.GetType()}.");
        }
        json.WriteEndObject();
    }

    private static void WriteBinary(Utf8JsonWriter json, string property, string operation, OpamValue left, OpamValue right)
    {
        json.WriteString(property, operation);
        WriteValue(json, "left", left);
        WriteValue(json, "right", right);
    }

    private static void WriteChain(Utf8JsonWriter json, OpamValue.Logical logical)
    {
        var (first, others) = logical.Chain();
        for (var at = others.Length - 1; at > 0; at--)
        {
            json.WriteString("logop", others[at].Operator);
            json.WriteStartObject("left");
        }
        json.WriteString("logop", others[0].Operator);
        WriteValue(json, "left", first);
        for (var at = 0; at < others.Length; at++)
        {
            WriteValue(json, "right", others[at].Term);
            if (at < others.Length - 1)
                json.WriteEndObject();
            FlushNowAndThen(json);
        }
    }

    private static void WritePrefix(Utf8JsonWriter json, string property, string operation, OpamValue argument)
    {
        json.WriteString(property, operation);
        WriteValue(json, "arg", argument);
    }

    private static void WriteValues(Utf8JsonWriter json, string property, ImmutableArray<OpamValue> values)
    {
        json.WriteStartArray(property);
        foreach (var value in values)
        {
            WriteValue(json, value);
            FlushNowAndThen(json);
        }
        json.WriteEndArray();
    }

    // A large tree must not be held twice.
    private static void FlushNowAndThen(Utf8JsonWriter json)
    {
        if (json.BytesPending > 1 << 16)
            json.Flush();
    }
}
