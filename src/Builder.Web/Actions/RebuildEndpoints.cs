using Builder.Analysis.Advisories;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Web.Find;
using Builder.Web.Html;
using Builder.Web.Options;

namespace Builder.Web.Actions;

/// <summary>An operator has the jobs built again whose latest build contains a package with a published fault.</summary>
internal static class RebuildEndpoints
{
    private const string WhoMay =
        "Building all affected jobs again takes the role operator without restriction, and for a token the scope \"operate\".";

    public static void MapRebuild(this IEndpointRouteBuilder routes) =>
        routes.MapPost(
            "/advisories/{id}/rebuild",
            (
                HttpContext http,
                string id,
                ServerActions actions,
                AdvisoryFolder folder,
                MatchedPlaces places,
                BuilderDatabase database,
                WebOptions options
            ) =>
                actions.RunAllAsync(
                    http,
                    "rebuild",
                    AdvisoryId.IsValid(id) ? id : "",
                    static user => user.MayOperate,
                    WhoMay,
                    Href.Advisory(id),
                    async () =>
                    {
                        if (folder.Current.Find(id) is not null)
                            return await FindAsync(id, places, database, options.Clock, http.RequestAborted);
                        await actions.RefuseAsync(http, $"This site has no advisory {id}.", StatusCodes.Status404NotFound);
                        return null;
                    }
                )
        );

    private static async Task<IReadOnlyList<(string Name, Command Command)>> FindAsync(
        string id,
        MatchedPlaces places,
        BuilderDatabase database,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var matched = await places.FindAsync(session, StartLimit.At(Timestamp.From(clock.GetUtcNow())), cancellationToken);
        return
        [
            .. matched
                .Where(place => place.Value.Any(one => one.Advisory.Id == id))
                .Select(static place => place.Key)
                .OrderBy(static place => place.Job, StringComparer.Ordinal)
                .ThenBy(static place => place.Platform, StringComparer.Ordinal)
                .Select(static place =>
                    (
                        $"{place.Job} on {place.Platform}",
                        (Command)new Command.Execute(ByteString.FromUtf8(place.Job), ByteString.FromUtf8(place.Platform))
                    )
                ),
        ];
    }
}
