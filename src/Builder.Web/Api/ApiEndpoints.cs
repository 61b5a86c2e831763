using Builder.Web.Shared;

namespace Builder.Web.Api;

internal static class ApiEndpoints
{
    public const string Document = "/openapi.json";

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api", Verbs.Read, (HttpContext http, Pages pages) => pages.RespondAsync(
            http, async page => await Answer.PageAsync(Api.Create(new ApiPage(page.Frame("API", Place.Api) with { Script = Assets.ApiScript }, ApiCatalogue.All)))));
        routes.MapMethods(Document, Verbs.Read, (HttpContext http, Pages pages) => pages.RespondAsync(
            http, page => Task.FromResult<Answer?>(Answer.Json(json => OpenApiDocument.Write(json, page.Site.Title)))));
    }
}

public sealed record ApiPage(Frame Frame, IReadOnlyList<ApiOperation> Operations);
