using Builder.Protocol.Text;

namespace Builder.Protocol.Tests.Text;

public sealed class TerminalLineTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\u001b[1;31merror\u001b[0m done", "\u001b[1;31merror\u001b[0m done")]
    [InlineData("\u001b[91mbright\u001b[39m \u001b[38;5;208mexact", "\u001b[91mbright\u001b[0m \u001b[38;2;255;135;0mexact\u001b[0m")]
    [InlineData("\u001b[8mhidden\u001b[30;40m black on black", "hidden\u001b[30m black on black\u001b[0m")]
    [InlineData("10%\r\u001b[K100%", "100%")]
    [InlineData("N\bNA\bA", "NA")]
    public void Colours_and_the_last_state_of_a_line_reach_a_terminal(string line, string shown) =>
        Assert.Equal(shown, TerminalLine.ForTerminal(line));

    [Theory]
    [InlineData("\u001b]52;c;cm0gLXJmIC8=\u0007", @"\u001b]52;c;cm0gLXJmIC8=\u0007")]
    [InlineData("\u001b]0;owned\u001b\\", @"\u001b]0;owned\u001b\")]
    [InlineData("\u001b]8;;http://x\u0007link", @"\u001b]8;;http://x\u0007link")]
    [InlineData("\u001b[2A\u001b[1;1H\u001b[?1049h\u001b[>4;2m", @"\u001b[2A\u001b[1;1H\u001b[?1049h\u001b[>4;2m")]
    [InlineData("\u001bP+q\u001b\\ \u001bc \u001b(0", @"\u001bP+q\u001b\ \u001bc \u001b(0")]
    [InlineData("\u009b31m \u009d52;c;x\u009c", @"\u009b31m \u009d52;c;x\u009c")]
    [InlineData("cut \u001b[3", @"cut \u001b[3")]
    [InlineData("\u001b[3\u001b[31mé", "\\u001b[3\u001b[31mé\u001b[0m")]
    [InlineData("rtl\u202Egpj.exe\u0007", @"rtl\u202egpj.exe\u0007")]
    public void What_would_steer_a_terminal_is_shown(string line, string shown) => Assert.Equal(shown, TerminalLine.ForTerminal(line));

    [Fact]
    public void Moves_of_the_cursor_do_not_make_a_line_endless()
    {
        var line = string.Concat(Enumerable.Repeat("\u001b[99999C\u001b[99999Cx\u001b[99999999999999G", 1000));
        Assert.InRange(TerminalLine.ForTerminal(line).Length, 1, 2000);
    }

    [Fact]
    public void No_bytes_make_a_sequence_of_anything_but_colours()
    {
        var random = new Random(14);
        const string Alphabet = "\u001b\u001b[[]]PX^_()0;:m?KJGCDHA \r\b\t\a\\x\u009b\u009d\u202e漢\u0301\ud83d\udc4d38252";
        for (var round = 0; round < 20_000; round++)
        {
            var line = string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var shown = TerminalLine.ForTerminal(line);
            Assert.DoesNotMatch("\u001b(?!\\[[0-9;]*m)|[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f\u202e]", shown);
            Assert.DoesNotContain('\u001b', string.Concat(TerminalLine.Read(line, showsControls: false).Select(run => run.Text)));
        }
    }
}
