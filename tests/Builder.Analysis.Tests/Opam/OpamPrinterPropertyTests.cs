using System.Collections.Immutable;
using System.Text;
using Builder.Analysis.Opam;
using CsCheck;

namespace Builder.Analysis.Tests.Opam;

public sealed class OpamPrinterPropertyTests
{
    private static readonly Gen<string> Name = Any("a", "with-test", "os", "x-y", "arch-x86_32:installed", "_:v", "foo+bar", "a_1");

    private static readonly Gen<OpamValue> Atom = Gen.OneOf(
        Name.Select(OpamValue (name) => new OpamValue.Ident(name)),
        Gen.Long[-(1L << 62), (1L << 62) - 1].Select(OpamValue (number) => new OpamValue.Number(number)),
        Gen.Bool.Select(OpamValue (flag) => new OpamValue.Flag(flag)),
        Text(Gen.OneOf(Any((byte)'"', (byte)'\\', (byte)'\n', (byte)'\r', (byte)'\t', (byte)' ', (byte)'x'), Gen.Byte))
    );

    private static readonly Gen<OpamValue> Value = Gen.Recursive<OpamValue>(
        (depth, self) =>
            depth > 6
                ? Atom
                : Gen.OneOf(
                    Atom,
                    Gen.Select(
                        Any("=", "!=", "<", "<=", ">", ">="),
                        Atom,
                        Atom,
                        OpamValue (operation, left, right) => new OpamValue.Relational(operation, left, right)
                    ),
                    Gen.Select(
                        Any("+=", ":=", "=+", "=+=", "=:"),
                        Atom,
                        Atom,
                        OpamValue (operation, left, right) => new OpamValue.Environment(operation, left, right)
                    ),
                    Gen.Select(
                        Any("=", ">="),
                        Atom,
                        OpamValue (operation, argument) => new OpamValue.PrefixRelational(operation, argument)
                    ),
                    Gen.Select(
                        Any("!", "?"),
                        self,
                        OpamValue (operation, argument) => new OpamValue.Prefix(operation, Parenthesized(Led(argument)))
                    ),
                    Gen.Select(
                        Any("&", "|"),
                        self,
                        self,
                        OpamValue (operation, left, right) => new OpamValue.Logical(operation, Parenthesized(left), Parenthesized(right))
                    ),
                    Gen.Select(
                        self,
                        self.Array[0, 3],
                        OpamValue (value, options) => new OpamValue.Option(Parenthesized(value), Sequence(options))
                    ),
                    self.Array[0, 5].Select(OpamValue (values) => new OpamValue.List(Sequence(values))),
                    self.Array[0, 5].Select(OpamValue (values) => new OpamValue.Group(Sequence(values)))
                )
    );

    private static readonly Gen<OpamItem> Field = Gen.Select(
        Name.Where(name => !name.Contains(':')),
        Value,
        OpamItem (name, value) => new OpamItem.Field(name, value)
    );

    private static readonly Gen<OpamFile> File = Gen.OneOf(
            Field,
            Gen.Select(
                Any("url", "package"),
                Any<string?>(null, "n", "a\"b\\c\nd"),
                Field.Array[0, 3],
                OpamItem (kind, name, fields) => new OpamItem.Section(kind, name is null ? null : OpamText.FromUtf8(name), [.. fields])
            )
        )
        .Array[0, 4]
        .Select(items => new OpamFile([.. items]));

    [Fact]
    public void What_is_printed_reads_back_as_the_same_tree() =>
        File.Sample(
            file => file.Equals(OpamFile.Parse(Encoding.Latin1.GetBytes(OpamFileTests.Print(file, Encoding.Latin1)), "printed")),
            print: file => OpamFileTests.Print(file, Encoding.Latin1)
        );

    [Theory]
    [InlineData("description: \"\"\" a\nb\"\"\"", "description: \"\"\"\\\n\\ a\nb\"\"\"")]
    [InlineData("description: \"\"\"\t  a\nb\"\"\"", "description: \"\"\"\\\n\\t  a\nb\"\"\"")]
    [InlineData("description: \"a\\r\nb\"", "description: \"\"\"\\\na\\r\nb\"\"\"")]
    public void A_text_keeps_its_first_blank_however_often_it_is_printed(string text, string printed)
    {
        var once = OpamFileTests.Print(OpamFile.Parse(Encoding.ASCII.GetBytes(text), "text"));
        Assert.Equal(printed, once);
        Assert.Equal(printed, OpamFileTests.Print(OpamFile.Parse(Encoding.ASCII.GetBytes(once), "printed")));
    }

    private static Gen<OpamValue> Text(Gen<byte> bytes) =>
        bytes.Array[0, 90].Select(OpamValue (text) => new OpamValue.Text(new OpamText(text)));

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    // What binds weaker than its place is never there without parentheses.
    private static OpamValue Parenthesized(OpamValue value) =>
        value is OpamValue.Logical or OpamValue.Prefix ? new OpamValue.Group([value]) : value;

    private static ImmutableArray<OpamValue> Sequence(OpamValue[] values) => [.. values.Select(Led)];

    // After a value, an operator without left side would take that value for its own; after '!', '=' would make '!='.
    private static OpamValue Led(OpamValue value) => StartsWithOperator(value) ? new OpamValue.Group([value]) : value;

    private static bool StartsWithOperator(OpamValue value) =>
        value switch
        {
            OpamValue.PrefixRelational => true,
            OpamValue.Option option => StartsWithOperator(option.Value),
            OpamValue.Logical logical => StartsWithOperator(logical.Left),
            _ => false,
        };
}
