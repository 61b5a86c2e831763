using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Builder.Web.Tests;

/// <summary>Pages as documents.</summary>
internal static class Documents
{
    public static async Task<IDocument> PageAsync(this HttpClient http, string address, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await http.GetAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return new HtmlParser().ParseDocument(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public static string Text(this IParentNode node, string selector)
    {
        var found = node.QuerySelector(selector);
        Assert.NotNull(found);
        return string.Join(' ', found.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    public static IReadOnlyList<string> Texts(this IParentNode node, string selector) =>
        [
            .. node.QuerySelectorAll(selector)
                .Select(found => string.Join(' ', found.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))),
        ];
}
