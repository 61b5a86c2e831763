using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Api;

internal static class ApiEndpoints
{
    public const string Document = "/openapi.json";

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/api",
            Verbs.Read,
            (HttpContext http, PageResponder pages) =>
                pages.RespondAsync(
                    http,
                    async page =>
                        await Answer.PageAsync(
                            Api.Create(
                                new ApiPage(
                                    page.PageLayout("API", NavigationEntry.Api) with
                                    {
                                        Script = Assets.ApiScript,
                                    },
                                    ApiCatalogue.All
                                )
                            )
                        )
                )
        );
        routes.MapMethods(
            Document,
            Verbs.Read,
            (HttpContext http, PageResponder pages) =>
                pages.RespondAsync(
                    http,
                    page =>
                        Task.FromResult<Answer?>(Answer.Json(json => OpenApiDocument.Write(json, page.Site.Title, Server(http.Request)))),
                    SiteOrigin.Of(http.Request)
                )
        );
    }

    /// <summary>A client that keeps the document has to know whose it is; a path alone leads to where it was fetched from.</summary>
    private static string Server(HttpRequest request) =>
        SiteOrigin.Of(request) is var origin && origin.EndsWith("//" + SiteOrigin.UnknownHost, StringComparison.Ordinal) ? "/" : origin;
}

public sealed record ApiPage(PageLayout PageLayout, IReadOnlyList<ApiOperation> Operations);
