using AngleSharp.Html.Parser;
using Builder.Web.Html;

namespace Builder.Web.Tests.Html;

public sealed class MarkdownTextTests
{
    [Theory]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JaVaScRiPt:alert(1))")]
    [InlineData("[x](java\tscript:alert(1))")]
    [InlineData("[x](&#x6a;avascript:alert(1))")]
    [InlineData("[x](&#1;javascript:alert(1))")]
    [InlineData("[x](data:text/html;base64,AAAA)")]
    [InlineData("[x](vbscript:x)")]
    [InlineData("[x]\n\n[x]: javascript:alert(1)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("![x](javascript:alert(1))")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    public void Nothing_in_it_can_run(string markdown)
    {
        var body = new HtmlParser().ParseDocument(MarkdownText.ToHtml(markdown, 2).Value!).Body!;
        Assert.Empty(body.QuerySelectorAll("script, [onerror]"));
        Assert.DoesNotContain(
            body.QuerySelectorAll("[href], [src]"),
            link => (link.GetAttribute("href") ?? link.GetAttribute("src"))!.Contains(':', StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("[x](https://example.org/a:b)", "https://example.org/a:b")]
    [InlineData("[x](mailto:a@b)", "mailto:a@b")]
    [InlineData("[x](doc/a:b.md)", "doc/a:b.md")]
    [InlineData("[x](#part)", "#part")]
    public void Harmless_links_stay(string markdown, string address) =>
        Assert.Equal(
            address,
            new HtmlParser().ParseDocument(MarkdownText.ToHtml(markdown, 2).Value!).QuerySelector("a")!.GetAttribute("href")
        );

    [Fact]
    public void Headings_go_down_to_six_and_carry_ids_and_tables_are_tables()
    {
        var body = new HtmlParser().ParseDocument(MarkdownText.ToHtml("# One\n\n##### Five\n\n|a|b|\n|-|-|\n|1|2|\n", 2).Value!).Body!;
        Assert.Equal("one", body.QuerySelector("h3")!.Id);
        Assert.Equal("Five", body.QuerySelector("h6")!.TextContent);
        Assert.Equal(2, body.QuerySelectorAll("td").Length);
    }

    [Fact]
    public void What_is_nested_too_deep_is_shown_as_it_was_written()
    {
        var html = MarkdownText.ToHtml(new string('>', 5000) + " deep", 2).Value!;
        Assert.Contains("deep", html, StringComparison.Ordinal);
    }
}
