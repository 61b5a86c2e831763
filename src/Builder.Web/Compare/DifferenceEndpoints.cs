using System.Globalization;
using Builder.Analysis.Difference;
using Builder.Analysis.Difference.Output;
using Builder.Protocol.Values;
using Builder.Web.Builds;
using Builder.Web.Difference;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;
using Microsoft.AspNetCore.Html;
using BuildFacts = Builder.Web.Builds.BuildFacts;

namespace Builder.Web.Compare;

/// <summary>The difference of two builds on its own: all of it for programs, a part of the tree for people.</summary>
internal static class DifferenceEndpoints
{
    public static void MapDifference(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/compare/{left}/{right}/difference",
            Verbs.Read,
            (HttpContext http, string left, string right, PageResponder pages) =>
                pages.RespondAsync(http, page => JsonAsync(page, left, right), isExpensive: true)
        );
        routes.MapMethods(
            "/compare/{left}/{right}/difference/{node}",
            Verbs.Read,
            (HttpContext http, string left, string right, string node, PageResponder pages) =>
                pages.RespondAsync(http, page => PartAsync(page, left, right, node), isExpensive: true)
        );
    }

    /// <summary>As far as it is known; a page with what is not known yet is never kept.</summary>
    public static async Task<DifferenceAnswer> FindAsync(
        PageContext page,
        BuildFacts left,
        List<ArtifactFacts> leftFiles,
        BuildFacts right,
        List<ArtifactFacts> rightFiles
    )
    {
        var differences = page.Http.RequestServices.GetRequiredService<IDifferences>();
        var answer = await differences.FindOrStartAsync(left, leftFiles, right, rightFiles, page.Stop);
        if (answer is not DifferenceAnswer.Known)
            page.Moment.ChangesAt(page.Now);
        return answer;
    }

    /// <summary>One JSON value: the result, or a status where there is none.</summary>
    public static async Task<byte[]> ToJsonAsync(DifferenceAnswer answer, CancellationToken cancellationToken)
    {
        if (answer is DifferenceAnswer.Known known)
        {
            using var json = new MemoryStream();
            await DifferenceJson.WriteAsync(json, known.Result, cancellationToken);
            return json.ToArray();
        }
        return Answer
            .Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("status", answer is DifferenceAnswer.Failed ? "failed" : "computing");
                if (answer is DifferenceAnswer.Failed failed)
                    json.WriteString("reason", failed.Reason);
                json.WriteEndObject();
            })
            .Body;
    }

    private static async Task<Answer?> JsonAsync(PageContext page, string leftUuid, string rightUuid)
    {
        if (await FindAsync(page, leftUuid, rightUuid) is not { } found)
            return await RemovedSides.AnswerAsync(page, leftUuid, rightUuid);
        var bytes = await ToJsonAsync(found.Answer, page.Stop);
        return Answer.Json(json => json.WriteRawValue(bytes, skipInputValidation: true));
    }

    private static async Task<Answer?> PartAsync(PageContext page, string leftUuid, string rightUuid, string id)
    {
        if (await FindAsync(page, leftUuid, rightUuid) is not { } found)
            return await RemovedSides.AnswerAsync(page, leftUuid, rightUuid);
        var (left, right, answer) = found;
        var address = Href.Compare(left.Uuid, right.Uuid);
        var frame = page.PageLayout($"Difference in {right.Job}") with { NoIndex = true };
        if (answer is DifferenceAnswer.Computing)
        {
            var waiting = frame with { RefreshSeconds = WhyDifferent.RefreshSeconds };
            return await Answer.PageAsync(Part.Create(new DifferencePart(waiting, left, right, [], HtmlString.Empty, null)));
        }
        // The comparison says what there is to say without a tree.
        if (answer is not DifferenceAnswer.Known { Result.Root: { } root })
            return Answer.Redirect(StatusCodes.Status302Found, address);
        var ids = new NodeIds(root);
        if (ids.Find(id) is not { } node)
            return null;
        var from = int.TryParse(page.Query("from"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var shown = TreeCut.Part.Of(node, ids, from) with { Name = node.Path, IsOpen = true };
        var next =
            shown.Hidden > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{address}/difference/{id}?from={from + shown.Children.Length}")
                : null;
        var path = new List<(string, string)>();
        for (var above = node; above is not null && above.Path.Length > 0; above = ids.ParentOf(above))
            path.Insert(0, (Name(above, ids.ParentOf(above)), $"{address}/difference/{ids.Of(above)}"));
        return await Answer.PageAsync(
            Part.Create(new DifferencePart(frame, left, right, path, DifferenceMarkup.Of(shown, address, TreeCut.Part), next))
        );
    }

    private static string Name(DifferenceNode node, DifferenceNode? parent) => DifferenceMarkup.ShortValue(TreeCut.NameOf(node, parent));

    /// <summary>Null where a side is not there.</summary>
    private static async Task<(BuildFacts Left, BuildFacts Right, DifferenceAnswer Answer)?> FindAsync(
        PageContext page,
        string leftUuid,
        string rightUuid
    )
    {
        if (await BuildAsync(page, leftUuid) is not { } left || await BuildAsync(page, rightUuid) is not { } right)
            return null;
        var leftFiles = await BuildQueries.ArtifactsAsync(page.Session, left.Id, page.Stop);
        var rightFiles = await BuildQueries.ArtifactsAsync(page.Session, right.Id, page.Stop);
        return (left, right, await FindAsync(page, left, leftFiles, right, rightFiles));
    }

    private static async Task<BuildFacts?> BuildAsync(PageContext page, string build) =>
        BuildUuid.TryParse(build, out var uuid) ? await BuildQueries.FindAsync(page.Session, uuid, page.Stop) : null;
}
