using System.Text;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Guide;

/// <summary>What to do about a build that is not reproducible: <c>docs/reproducible.md</c> as a page, so that a site without the internet has it.</summary>
internal static class GuideEndpoints
{
    public const string Address = "/reproducible";

    public static void MapGuide(this IEndpointRouteBuilder routes)
    {
        var text = new Lazy<HtmlString>(Read);
        routes.MapMethods(
            Address,
            Verbs.Read,
            (HttpContext http, PageResponder pages) =>
                pages.RespondAsync(
                    http,
                    async page =>
                        await Answer.PageAsync(
                            Reproducible.Create(
                                new GuidePage(page.PageLayout("Fix a build that is not reproducible", NavigationEntry.None), text.Value)
                            )
                        )
                )
        );
    }

    private static HtmlString Read()
    {
        using var resource = typeof(GuideEndpoints).Assembly.GetManifestResourceStream("reproducible.md")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return MarkdownText.ToHtml(reader.ReadToEnd(), headingShift: 0);
    }
}

public sealed record GuidePage(PageLayout PageLayout, HtmlString Text);
