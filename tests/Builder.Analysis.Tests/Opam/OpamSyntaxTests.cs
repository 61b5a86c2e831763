using System.Text;
using Builder.Analysis.Opam;
using Builder.Testing;

namespace Builder.Analysis.Tests.Opam;

public sealed class OpamSyntaxTests
{
    [Theory]
    [InlineData("bad-bad-decimal", 2, 12, @"a decimal escape of at most \255 was expected, not \999")]
    [InlineData("bad-bad-escape", 2, 12, "one of the escapes")]
    [InlineData("bad-bad-hex", 2, 12, "one of the escapes")]
    [InlineData("bad-bad-token", 2, 11, "'@' is not a valid token")]
    [InlineData("bad-missing-bracket", 3, 1, "a value or ']' was expected, not the end of the file")]
    [InlineData("bad-missing-value", 3, 1, "a value was expected, not the end of the file")]
    [InlineData("bad-neq-chain", 2, 12, "a field, a section or the end of the file was expected")]
    [InlineData("bad-stray", 2, 1, "a field, a section or the end of the file was expected")]
    [InlineData("bad-unterminated-comment", 3, 1, "the end of the comment that begins on line 2 was expected")]
    [InlineData("bad-unterminated-string", 3, 1, "the end of the string that begins on line 2 was expected")]
    [InlineData("bad-unterminated-triple", 3, 1, "the end of the string that begins on line 2 was expected")]
    [InlineData("bad-version-not-first", 2, 1, "opam-version must be the first field of the file")]
    [InlineData("bad-version-twice", 2, 1, "opam-version must stand once only, at the top")]
    public void A_bad_file_is_refused_with_the_place_and_the_reason(string name, int line, int column, string reason)
    {
        Assert.False(OpamFile.TryParse(Vectors.Read($"opam/files/{name}.opam"), name, out _, out var error));
        Assert.StartsWith($"{name}:{line}:{column}: {reason}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a:b", "1:4: ':' or '{' after 'a:b' was expected")]
    [InlineData("a: =:= b", "1:4: '=:=' is no operator")]
    [InlineData("a: _", "1:4: '_' is not a valid token")]
    [InlineData("a: -", "1:4: '-' is not a valid token")]
    [InlineData("a: 1.0", "1:5: '.' is not a valid token")]
    [InlineData("a: \u0001", "1:4: byte 0x01 is not a valid token")]
    [InlineData("a: 4611686018427387904", "1:4: an integer of at most 63 bits was expected")]
    [InlineData("a: [b)", "1:6: a value or ']' was expected")]
    [InlineData("a {b: 1", "1:8: a field, a section or '}' was expected, not the end of the file")]
    [InlineData("a \"x\" 1", "1:7: '{' was expected")]
    [InlineData("a: !=", "1:6: a value was expected, not the end of the file")]
    public void So_is_a_bad_line(string text, string message)
    {
        Assert.False(OpamFile.TryParse(Encoding.UTF8.GetBytes(text), "f", out _, out var error));
        Assert.StartsWith("f:" + message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: ! b {c}", "a: !b {c}")]
    [InlineData("a: !b & c", "a: !b & c")]
    [InlineData(
        "a: [x -12 1_0 -0 0_0 4611686018427387903 -4611686018427387904]",
        "a: [x -12 10 0 0 4611686018427387903 -4611686018427387904]"
    )]
    [InlineData("a: [a+_1]", "a: [a+_ 1]")]
    [InlineData("a: [true-x true 1a --b]", "a: [true-x true 1a --b]")]
    [InlineData("a: \"one\r\ntwo\"", "a: \"\"\"\\\none\ntwo\"\"\"")]
    [InlineData("a: \"one\\\r\n \t two\"", "a: \"onetwo\"")]
    [InlineData("a: \"\"", "a: \"\"")]
    [InlineData("a: \"\"\"x\"\"\" # end", "a: \"x\"")]
    [InlineData("a: [] b: [[]]", "a: []\nb: [\n  []\n]")]
    public void Tokens_are_the_longest_that_fit(string text, string printed) =>
        Assert.Equal(printed, OpamFileTests.Print(OpamFile.Parse(Encoding.UTF8.GetBytes(text), "f")));

    [Fact]
    public void Bytes_that_are_not_UTF_8_stay_and_only_people_see_replacements()
    {
        var file = OpamFileTests.Read("opam/files/edge-latin1.opam");
        Assert.Contains("Andr\u00e9", OpamFileTests.Print(file, Encoding.Latin1), StringComparison.Ordinal);
        var author = Assert.IsType<OpamValue.Text>(((OpamItem.Field)file.Items[1]).Value);
        Assert.Equal("Andr\uFFFD", author.Value.ToString());
    }
}
