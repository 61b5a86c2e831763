using System.Text;
using Builder.Protocol.Text;

namespace Builder.Protocol.Tests.Text;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Grüße, 漢字, שלום, 👍🏽", "Grüße, 漢字, שלום, 👍🏽")]
    [InlineData("rtl\u202Egpj.exe", @"rtl\u202egpj.exe")]
    [InlineData("\u202A\u202B\u202C\u202D\u202E", @"\u202a\u202b\u202c\u202d\u202e")]
    [InlineData("\u2066\u2067\u2068\u2069", @"\u2066\u2067\u2068\u2069")]
    [InlineData("\u200E\u200F\u061C", @"\u200e\u200f\u061c")]
    [InlineData("\u001b]52;c;cm0gLXJmIC8=\u0007", @"\u001b]52;c;cm0gLXJmIC8=\u0007")]
    [InlineData("\u009b31mC1 \u007f", @"\u009b31mC1 \u007f")]
    [InlineData("two\nlines\u2028three\ttabs", @"two\u000alines\u2028three\u0009tabs")]
    [InlineData("a\u200Bb\uFEFFc\u00ADd\u3164e", @"a\u200bb\ufeffc\u00add\u3164e")]
    [InlineData("tag \U000E0041", @"tag \udb40\udc41")]
    public void Characters_that_nobody_sees_are_shown_in_a_line(string text, string shown) => Assert.Equal(shown, VisibleText.Line(text));

    [Fact]
    public void Running_text_keeps_its_lines_and_its_spelling() =>
        Assert.Equal("one\n\ttwo می\u200cخواهم 👩\u200d🔬\\u000d", VisibleText.Block("one\n\ttwo می\u200cخواهم 👩\u200d🔬\r"));

    [Fact]
    public void Every_control_character_and_every_direction_mark_is_hidden()
    {
        for (var value = 0; value < 0xA0; value++)
        {
            if (value is >= 0x20 and < 0x7F)
                Assert.False(VisibleText.IsHidden(new Rune(value)));
            else
                Assert.True(VisibleText.IsHidden(new Rune(value)) && VisibleText.IsControl(new Rune(value)));
        }
        var directions = Enumerable.Range(0, 0xD800).Where(value => VisibleText.IsDirectional(new Rune(value)));
        Assert.Equal([0x61C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069], directions);
    }
}
