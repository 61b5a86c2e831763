using Builder.Web.Builds;
using Builder.Web.Html;

namespace Builder.Web.Tests.Html;

public sealed class AnsiTextTests
{
    [Theory]
    [InlineData("plain µ ☑", "plain µ ☑")]
    [InlineData("<b>&\"x\"</b>", "&lt;b&gt;&amp;&quot;x&quot;&lt;/b&gt;")]
    [InlineData("\u001b[01;31merror\u001b[0m done", "<span class=\"b c1\">error</span> done")]
    [InlineData("\u001b[92mok\u001b[39m.", "<span class=\"c2\">ok</span>.")]
    [InlineData("\u001b[38;5;9mred\u001b[m", "<span class=\"c1\">red</span>")]
    [InlineData("\u001b[38;2;1;31;3;4mx", "<span class=\"u q r0 g2 b0\">x</span>")]
    [InlineData(
        "\u001b[38;5;208m256\u001b[0m \u001b[38;2;1;200;3mtrue\u001b[0m",
        "<span class=\"q rf g8 b0\">256</span> <span class=\"q r0 gc b0\">true</span>"
    )]
    [InlineData(
        "\u001b[38:2::255:0:0ma\u001b[38:5:46mb\u001b[48;5;226mc",
        "<span class=\"q rf g0 b0\">a</span><span class=\"q r0 gf b0\">bc</span>"
    )]
    [InlineData("\u001b[38;5;244mgrey\u001b[38;5;999mnone", "<span class=\"q r8 g8 b8\">grey</span>none")]
    [InlineData("\u001b[1m<i>", "<span class=\"b\">&lt;i&gt;</span>")]
    [InlineData("10%\r50%\r100%", "100%")]
    [InlineData("windows\r", "windows")]
    [InlineData("first\rSECOND-LONGER\rthird", "thirdD-LONGER")]
    [InlineData("long text\r\u001b[Kshort", "short")]
    [InlineData("bs abc\b\b\bxyz", "bs xyz")]
    [InlineData("N\bNA\bAM\bME\bE", "NAME")]
    [InlineData("\b\bstart", "start")]
    [InlineData("_\bu\u001b[1mb\bB", "u<span class=\"b\">B</span>")]
    [InlineData("漢\b字", "字")]
    [InlineData("e\u0301\bx", "x")]
    [InlineData("\u001b[5Cfar", "     far")]
    [InlineData("abc\u001b[2Dx", "axc")]
    [InlineData("rtl\u202Egpj.exe", @"rtl\u202egpj.exe")]
    [InlineData("C1 \u009b31m", @"C1 \u009b31m")]
    [InlineData("\u001b]52;c;cm0gLXJmIC8=\u0007text", "text")]
    [InlineData("\u001bP$q\u001b\\text", "text")]
    [InlineData("\u001b(Btext", "text")]
    [InlineData("\u001b]0;title\u0007text", "text")]
    [InlineData("\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link")]
    [InlineData("\u001b[2K\u001b[1Gline", "line")]
    [InlineData("cut \u001b[3", "cut ")]
    [InlineData("cut \u001b", "cut ")]
    [InlineData("bell\u0007 tab\tend", "bell tab&#x9;end")]
    public void Colours_become_classes_and_the_rest_of_the_terminal_goes(string line, string html) =>
        Assert.Equal(html, AnsiText.ToHtml(line));

    [Fact]
    public void Words_are_looked_for_without_colours_in_between() =>
        Assert.True(ConsoleFile.LooksLikeError(AnsiText.Plain("\u001b[1mErr\u001b[31mor: \u001b[0mno")));
}
