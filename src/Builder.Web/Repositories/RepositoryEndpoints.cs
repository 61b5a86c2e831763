using Builder.Publishing.Options;
using Builder.Publishing.Queue;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Repositories;

/// <summary>The package repositories: a page each, and under it the files as apt and pkg fetch them.</summary>
internal static class RepositoryEndpoints
{
    public static void MapRepositories(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<PublishingQueue>()?.Repositories is not { } set)
            return;
        if (set.DebianSettings is { } debian)
            Map(routes, Href.Apt, debian);
        if (set.FreeBsdSettings is { } freeBsd)
            Map(routes, Href.Pkg, freeBsd);
    }

    private static void Map(IEndpointRouteBuilder routes, string prefix, RepositorySettings settings)
    {
        routes.MapMethods(
            prefix,
            Verbs.Read,
            (HttpContext http, PageResponder pages, PublishingQueue queue) =>
                pages.RespondAsync(http, page => RepositoryPage.AnswerAsync(page, queue, settings.Kind), SiteOrigin.Of(http.Request))
        );
        routes.MapMethods(
            prefix + "/{**path}",
            Verbs.Read,
            async (HttpContext http, string path, PageResponder pages) =>
            {
                if (!await RepositoryFiles.TrySendAsync(http, settings, path))
                    await (await Problems.NotFoundAsync(http, pages.Site, pages.Now)).SendAsync(http);
            }
        );
    }
}
