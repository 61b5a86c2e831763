using Builder.Web.Builds;

namespace Builder.Web.Tests.Builds;

public sealed class AnsiTextTests
{
    [Theory]
    [InlineData("plain µ ☑", "plain µ ☑")]
    [InlineData("<b>&\"x\"</b>", "&lt;b&gt;&amp;&quot;x&quot;&lt;/b&gt;")]
    [InlineData("\u001b[01;31merror\u001b[0m done", "<span class=\"b c1\">error</span> done")]
    [InlineData("\u001b[92mok\u001b[39m.", "<span class=\"c2\">ok</span>.")]
    [InlineData("\u001b[38;5;9mred\u001b[m", "<span class=\"c1\">red</span>")]
    [InlineData("\u001b[38;2;1;31;3;4mx", "<span class=\"u\">x</span>")]
    [InlineData("\u001b[1m<i>", "<span class=\"b\">&lt;i&gt;</span>")]
    [InlineData("10%\r50%\r100%", "100%")]
    [InlineData("windows\r", "windows")]
    [InlineData("\u001b]0;title\u0007text", "text")]
    [InlineData("\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link")]
    [InlineData("\u001b[2K\u001b[1Gline", "line")]
    [InlineData("cut \u001b[3", "cut ")]
    [InlineData("cut \u001b", "cut ")]
    [InlineData("bell\u0007 tab\tend", "bell tab&#x9;end")]
    public void Colours_become_classes_and_the_rest_of_the_terminal_goes(string line, string html) => Assert.Equal(html, AnsiText.ToHtml(line));

    [Fact]
    public void Words_are_looked_for_without_colours_in_between() =>
        Assert.True(ConsoleFile.LooksLikeError(AnsiText.Plain("\u001b[1mErr\u001b[31mor: \u001b[0mno")));
}
