using Builder.Protocol.Text;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Html;

/// <summary>
/// Markdown of strangers as HTML: CommonMark with tables and heading ids, headings pushed down so that the page keeps its own,
/// raw HTML left out, and only links that lead somewhere harmless.
/// </summary>
internal static class MarkdownText
{
    private const int LargestInCharacters = 256 * 1024;
    private const int DeepestHeading = 6;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseAutoIdentifiers(AutoIdentifierOptions.GitHub)
        .DisableHtml()
        .Build();

    public static HtmlString ToHtml(string markdown, int headingShift)
    {
        if (markdown.Length > LargestInCharacters)
            markdown = markdown[..LargestInCharacters];
        markdown = markdown.TrimStart('\uFEFF');
        MarkdownDocument document;
        try
        {
            document = Markdown.Parse(markdown, Pipeline);
        }
        catch (ArgumentException)
        {
            // Nested deeper than the parser goes: shown as it was written.
            return new HtmlString($"<pre>{Markup.Encode(markdown)}</pre>");
        }
        foreach (var node in document.Descendants())
        {
            switch (node)
            {
                case HeadingBlock heading:
                    heading.Level = Math.Min(DeepestHeading, heading.Level + headingShift);
                    break;
                case LinkInline link when !IsHarmless(link.GetDynamicUrl?.Invoke() ?? link.Url):
                    link.Url = "";
                    link.GetDynamicUrl = null;
                    break;
                case AutolinkInline link when !link.IsEmail && !IsHarmless(link.Url):
                    link.Url = "";
                    break;
            }
        }
        // What it writes, as what is hidden may have stood there as a reference.
        return new HtmlString(VisibleText.Block(document.ToHtml(Pipeline)));
    }

    /// <summary>A web or mail address, or one without a scheme. Browsers drop tabs, line ends and leading control characters before they look.</summary>
    private static bool IsHarmless(string? url)
    {
        if (url is null)
            return true;
        var visible = string.Concat(url.Where(character => character > ' ' && character != '\u007f'));
        var end = visible.AsSpan().IndexOfAny(":/?#");
        if (end < 0 || visible[end] != ':')
            return true;
        var scheme = visible[..end];
        return scheme.Equals("http", StringComparison.OrdinalIgnoreCase)
            || scheme.Equals("https", StringComparison.OrdinalIgnoreCase)
            || scheme.Equals("mailto", StringComparison.OrdinalIgnoreCase);
    }
}
