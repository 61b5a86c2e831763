using Builder.Web.Html;

namespace Builder.Web.Tests.Html;

public sealed class VisibleHtmlEncoderTests
{
    [Theory]
    [InlineData("plain name-1.0_x.txt", "plain name-1.0_x.txt")]
    [InlineData("rtl\u202Egpj.exe", "rtl\\u202egpj.exe")]
    [InlineData(
        "\u202A\u202B\u202C\u202D\u2066\u2067\u2068\u2069\u200E\u200F\u061C",
        "\\u202a\\u202b\\u202c\\u202d\\u2066\\u2067\\u2068\\u2069\\u200e\\u200f\\u061c"
    )]
    [InlineData("a\u200Bb\u00ADc\uFEFF", "a\\u200bb\\u00adc\\ufeff")]
    [InlineData("tag\U000E0041", "tag\\udb40\\udc41")]
    [InlineData("\u001b[31m\u007f\u009b", "\\u001b[31m\\u007f\\u009b")]
    [InlineData("<b>&\"'\u202E", "&lt;b&gt;&amp;&quot;&#x27;\\u202e")]
    [InlineData("größe 図 עברית नमस्ते", "größe 図 עברית नमस्ते")]
    [InlineData(
        "\U0001F468\u200D\U0001F469 \u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645",
        "\U0001F468\u200D\U0001F469 \u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645"
    )]
    public void What_is_hidden_is_shown_and_every_script_stays_readable(string text, string html)
    {
        Assert.Equal(
            html.Replace("\U0001F468", "&#x1F468;", StringComparison.Ordinal).Replace("\U0001F469", "&#x1F469;", StringComparison.Ordinal),
            Markup.Encode(text)
        );
        using var writer = new StringWriter();
        Markup.Encoder.Encode(writer, text);
        Assert.Equal(Markup.Encode(text), writer.ToString());
    }

    [Fact]
    public void Half_a_character_is_none() => Assert.Equal("\uFFFDx", Markup.Encode("\ud800x"));

    [Theory]
    [InlineData("a\u202Eb")]
    [InlineData("a&#x202E;b")]
    [InlineData("[\u202Ex](https://example.org/\u202E)")]
    [InlineData("`\u202E`\n\n# \u202E\n\n    \u202E")]
    public void Nothing_is_hidden_in_a_README(string markdown) => Assert.DoesNotContain('\u202E', MarkdownText.ToHtml(markdown, 2).Value!);
}
