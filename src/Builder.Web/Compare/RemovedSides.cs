using Builder.Protocol.Values;
using Builder.Web.Builds;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Compare;

/// <summary>What a comparison says that cannot be made any more: which side was removed, when, and what it was.</summary>
internal static class RemovedSides
{
    /// <summary>Null where a side never was.</summary>
    public static async Task<Answer?> AnswerAsync(PageContext page, string leftUuid, string rightUuid)
    {
        if (await FindAsync(page, leftUuid) is not { } left || await FindAsync(page, rightUuid) is not { } right)
            return null;
        var sentences = new[] { ("left", left.Removed), ("right", right.Removed) }
            .Where(side => side.Removed is not null)
            .Select(side => $"The {side.Item1} build was removed: {RemovedBuilds.Sentence(side.Removed!)}");
        var links = new[] { ("left", left.There), ("right", right.There) }
            .Where(side => side.There is not null)
            .Select(side => new ProblemLink(
                $"The {side.Item1} build is still here: {side.There!.Job}, {Wording.Moment(side.There.Started)}",
                Href.Build(side.There.Job, side.There.Uuid)
            ));
        return await Problems.MakeAsync(
            page.Http,
            page.Site,
            page.Now,
            StatusCodes.Status410Gone,
            "Removed",
            string.Join(' ', sentences),
            json =>
            {
                if (left.Removed is { } removedLeft)
                    RemovedBuilds.WriteFacts(json, "removed_left", removedLeft);
                if (right.Removed is { } removedRight)
                    RemovedBuilds.WriteFacts(json, "removed_right", removedRight);
            },
            [.. links]
        );
    }

    private static async Task<(BuildFacts? There, RemovedBuild? Removed)?> FindAsync(PageContext page, string build)
    {
        if (!BuildUuid.TryParse(build, out var uuid))
            return null;
        if (await BuildQueries.FindAsync(page.Session, uuid, page.Stop) is { } there)
            return (there, null);
        return await RemovedBuilds.FindAsync(page.Session, uuid, page.Stop) is { } removed ? (null, removed) : null;
    }
}
