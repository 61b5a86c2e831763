using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Statements;

/// <summary>The pages that URIs in statements lead to: what a build type's parameters mean, and what a builder promises (SLSA 1.2, buildType and builder.id).</summary>
internal static class BuildTypeEndpoints
{
    public static void MapBuildTypes(this IEndpointRouteBuilder routes)
    {
        foreach (var text in StatementPages.All)
        {
            routes.MapMethods(
                text.Address,
                Verbs.Read,
                (HttpContext http, PageResponder pages) =>
                    pages.RespondAsync(
                        http,
                        async page =>
                            await Answer.PageAsync(
                                StatementPage.Create(
                                    new StatementPageModel(
                                        page.PageLayout(text.Title, NavigationEntry.None),
                                        MarkdownText.ToHtml(text.Markdown, headingShift: 0)
                                    )
                                )
                            )
                    )
            );
        }
    }
}
