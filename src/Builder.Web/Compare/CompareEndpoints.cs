using System.Text.Json;
using Builder.Analysis.Comparison;
using Builder.Protocol.Values;
using Builder.Web.Builds;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Compare;

internal static class CompareEndpoints
{
    public static void MapCompare(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(
            "/compare/{left}/{right}",
            Verbs.Read,
            (HttpContext http, string left, string right, PageResponder pages, CompareInputs compare, BinaryParts parts) =>
                pages.RespondAsync(http, page => AnswerAsync(page, left, right, compare, parts), isExpensive: true)
        );

    private static async Task<Answer?> AnswerAsync(
        PageContext page,
        string leftUuid,
        string rightUuid,
        CompareInputs compare,
        BinaryParts parts
    )
    {
        if (await FindAsync(page, leftUuid) is not { } left || await FindAsync(page, rightUuid) is not { } right)
            return await RemovedSides.AnswerAsync(page, leftUuid, rightUuid);
        var leftFiles = await BuildQueries.ArtifactsAsync(page.Session, left.Id, page.Stop);
        var rightFiles = await BuildQueries.ArtifactsAsync(page.Session, right.Id, page.Stop);
        var inputs = await compare.RunAsync(leftFiles, rightFiles, page.Query("root"), page.Stop);
        // Programs that know the original get what it has, as fast as may be; modules are for those who ask for them.
        var withBinaries = !page.WantsJson || page.Http.Request.Query.ContainsKey("modules");
        var binaries = withBinaries ? await BinariesCompared.RunAsync(parts, left, leftFiles, right, rightFiles, page.Stop) : null;
        var withDifference = !page.WantsJson || page.Http.Request.Query.ContainsKey("difference");
        var difference = withDifference ? await DifferenceEndpoints.FindAsync(page, left, leftFiles, right, rightFiles) : null;
        if (page.WantsJson)
        {
            var differenceJson = difference is null ? null : await DifferenceEndpoints.ToJsonAsync(difference, page.Stop);
            return Answer.Json(json => WriteJson(json, left, right, inputs, withBinaries, binaries, differenceJson));
        }
        var why = new WhyDifferent(difference!, Href.Compare(left.Uuid, right.Uuid));
        var frame = page.PageLayout($"What changed in {right.Job}") with
        {
            NoIndex = true,
            RefreshSeconds = why.IsComputing ? WhyDifferent.RefreshSeconds : null,
        };
        var model = new ComparePage(frame, left, right, inputs, binaries) { Root = page.Query("root"), Why = why };
        return await Answer.PageAsync(Compare.Create(model));
    }

    private static async Task<BuildFacts?> FindAsync(PageContext page, string build) =>
        BuildUuid.TryParse(build, out var uuid) ? await BuildQueries.FindAsync(page.Session, uuid, page.Stop) : null;

    private static void WriteJson(
        Utf8JsonWriter json,
        BuildFacts left,
        BuildFacts right,
        InputsCompared inputs,
        bool withBinaries,
        BinariesCompared? binaries,
        byte[]? difference
    )
    {
        json.WriteStartObject();
        WriteBuild(json, "left", left);
        WriteBuild(json, "right", right);
        json.WritePropertyName("env_diff");
        ComparisonJson.Write(json, inputs.Environment);
        json.WritePropertyName("package_diff");
        ComparisonJson.Write(json, inputs.SystemPackages);
        json.WritePropertyName("opam_diff");
        ComparisonJson.Write(json, inputs.Opam);
        if (withBinaries)
        {
            json.WritePropertyName("binary_diff");
            BinariesCompared.Write(json, binaries);
        }
        if (difference is not null)
        {
            json.WritePropertyName("difference");
            json.WriteRawValue(difference, skipInputValidation: true);
        }
        json.WriteEndObject();
    }

    private static void WriteBuild(Utf8JsonWriter json, string side, BuildFacts build)
    {
        json.WriteStartObject(side);
        BuildJson.WriteFacts(json, build);
        if (build.Main is { } main)
            json.WriteNumber("main_binary_size", main.Size);
        else
            json.WriteNull("main_binary_size");
        json.WriteEndObject();
    }
}
