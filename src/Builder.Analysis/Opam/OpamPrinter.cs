using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using static Builder.Analysis.Opam.BoxLayout.BoxKind;

namespace Builder.Analysis.Opam;

/// <summary>
/// Prints a tree as opam prints it, byte for byte, but for strings that opam itself would read back as others: a blank at the start of a
/// text of several lines, and CR before LF, are written as escapes. The last line has no line feed.
/// </summary>
public sealed class OpamPrinter
{
    private readonly BoxLayout layout;

    // Names and operators repeat all the time; their bytes are made once.
    private readonly Dictionary<string, ReadOnlyMemory<byte>> encoded = [];

    private OpamPrinter(IBufferWriter<byte> output) => layout = new BoxLayout(output);

    public static void Print(ReadOnlySpan<OpamItem> items, IBufferWriter<byte> output)
    {
        var printer = new OpamPrinter(output);
        printer.PrintItems(items);
        printer.layout.Finish();
    }

    private void PrintItems(ReadOnlySpan<OpamItem> items)
    {
        layout.Open(Vertical);
        for (var i = 0; i < items.Length; i++)
        {
            if (i > 0)
                layout.Break(0);
            PrintItem(items[i]);
        }
        layout.Close();
    }

    private void PrintItem(OpamItem item)
    {
        switch (item)
        {
            case OpamItem.Field { Value: OpamValue.List list } field:
                PrintListField(field.Name, list.Values);
                break;
            case OpamItem.Field { Value: OpamValue.Text text } field when text.Value.Span.Contains((byte)'\n'):
                layout.Open(Packed);
                Text(field.Name);
                Text(": ");
                PrintValue(field.Value);
                layout.Close();
                break;
            case OpamItem.Field field:
                layout.Open(Packed, 2);
                Text(field.Name);
                Text(":");
                layout.Break(1);
                PrintValue(field.Value);
                layout.Close();
                break;
            case OpamItem.Section section:
                PrintSection(section);
                break;
            default:
                throw new InvalidOperationException($"No such item: {item.GetType()}.");
        }
    }

    private void PrintListField(string name, ImmutableArray<OpamValue> values)
    {
        var isNested = values.Any(value => value is OpamValue.List or OpamValue.Option { Options.IsEmpty: false });
        layout.Open(isNested ? Vertical : AllOrNothing);
        Text(name);
        Text(": [");
        layout.Break(0, 2);
        layout.Open(isNested ? Vertical : AllOrNothing);
        PrintValues(values);
        layout.Close();
        layout.Break(0);
        Text("]");
        layout.Close();
    }

    private void PrintSection(OpamItem.Section section)
    {
        layout.Open(Vertical);
        Text(section.Kind);
        if (section.Name is { } name)
        {
            Text(" \"");
            layout.Text(Escape(name, isTriple: false));
            Text("\" {");
        }
        else
        {
            Text(" {");
        }
        layout.Break(0, 2);
        layout.Open(Vertical);
        PrintItems(section.Items.AsSpan());
        layout.Close();
        layout.Break(0);
        Text("}");
        layout.Close();
    }

    private void PrintValue(OpamValue value)
    {
        switch (value)
        {
            case OpamValue.Ident ident:
                Text(ident.Name);
                break;
            case OpamValue.Text text:
                PrintText(text.Value);
                break;
            case OpamValue.Number number:
                Text(number.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case OpamValue.Flag flag:
                Text(flag.Value ? "true" : "false");
                break;
            case OpamValue.List list:
                PrintList(list.Values);
                break;
            case OpamValue.Group group:
                layout.Open(AllOrNothing);
                Text("(");
                PrintValues(group.Values);
                Text(")");
                layout.Close();
                break;
            case OpamValue.Option option:
                PrintOption(option);
                break;
            case OpamValue.Logical logical:
                PrintChain(logical);
                break;
            case OpamValue.Relational relational:
                PrintBinary(Horizontal, relational.Left, relational.Operator, relational.Right);
                break;
            case OpamValue.Environment environment:
                PrintBinary(Horizontal, environment.Left, environment.Operator, environment.Right);
                break;
            case OpamValue.Prefix prefix:
                PrintPrefix(prefix.Operator, 0, prefix.Argument);
                break;
            case OpamValue.PrefixRelational prefix:
                PrintPrefix(prefix.Operator, 1, prefix.Argument);
                break;
            default:
                throw new InvalidOperationException($"No such value: {value.GetType()}.");
        }
    }

    private void PrintList(ImmutableArray<OpamValue> values)
    {
        layout.Open(AllOrNothing);
        Text("[");
        layout.Break(0, 2);
        layout.Open(AllOrNothing);
        PrintValues(values);
        layout.Close();
        layout.Break(0);
        Text("]");
        layout.Close();
    }

    private void PrintOption(OpamValue.Option option)
    {
        layout.Open(Packed, 2);
        PrintValue(option.Value);
        layout.Break(1);
        Text("{");
        layout.Open(AllOrNothing);
        PrintValues(option.Options);
        layout.Close();
        Text("}");
        layout.Close();
    }

    private void PrintBinary(BoxLayout.BoxKind box, OpamValue left, string operation, OpamValue right)
    {
        layout.Open(box);
        PrintValue(left);
        Text(" ");
        Text(operation);
        layout.Break(1);
        PrintValue(right);
        layout.Close();
    }

    // A box for each operator, around all that stands to its left.
    private void PrintChain(OpamValue.Logical logical)
    {
        var (first, others) = logical.Chain();
        foreach (var _ in others)
            layout.Open(AllOrNothing);
        PrintValue(first);
        foreach (var (operation, term) in others)
        {
            Text(" ");
            Text(operation);
            layout.Break(1);
            PrintValue(term);
            layout.Close();
        }
    }

    private void PrintPrefix(string operation, int blanks, OpamValue argument)
    {
        layout.Open(Horizontal);
        Text(operation);
        if (blanks > 0)
            layout.Break(blanks);
        PrintValue(argument);
        layout.Close();
    }

    private void PrintValues(ImmutableArray<OpamValue> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
                layout.Break(1);
            PrintValue(values[i]);
        }
    }

    private void PrintText(OpamText text)
    {
        var isTriple = text.Span.Contains((byte)'\n');
        Text(
            !isTriple ? "\""
            : text.Span[0] == '\n' ? "\"\"\""
            : "\"\"\"\\\n"
        );
        // Blanks behind the backslash and the line feed that go before would be passed over.
        if (isTriple && text.Span[0] is (byte)' ' or (byte)'\t')
        {
            Text(text.Span[0] == ' ' ? "\\ " : "\\t");
            text = new OpamText(text.Memory[1..]);
        }
        layout.Text(Escape(text, isTriple));
        Text(isTriple ? "\"\"\"" : "\"");
    }

    private static ReadOnlyMemory<byte> Escape(OpamText text, bool isTriple)
    {
        var span = text.Span;
        if (span.IndexOfAny((byte)'"', (byte)'\\') < 0 && span.IndexOf("\r\n"u8) < 0)
            return text.Memory;
        var escaped = new ArrayBufferWriter<byte>(span.Length + 16);
        for (var i = 0; i < span.Length; i++)
        {
            var quotes = span[i] == '"' && (!isTriple || i == span.Length - 1 || span[(i + 1)..].StartsWith("\"\""u8));
            if (quotes || span[i] == '\\')
                escaped.Write("\\"u8);
            if (span[i..].StartsWith("\r\n"u8))
                escaped.Write("\\r"u8);
            else
                escaped.Write(span.Slice(i, 1));
        }
        return escaped.WrittenMemory;
    }

    private void Text(string text)
    {
        if (!encoded.TryGetValue(text, out var bytes))
            encoded.Add(text, bytes = Encoding.ASCII.GetBytes(text));
        layout.Text(bytes);
    }
}
