using Builder.Storage.Artifacts;
using Builder.Web.Shared;

namespace Builder.Web.Jobs;

internal static class JobEndpoints
{
    private const int HistoryLength = 60;

    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/job/{job}", Verbs.Read, (HttpContext http, string job, Pages pages) =>
            pages.RespondAsync(http, page => AnswerAsync(page, job, withFailed: false)));
        routes.MapMethods("/job/{job}/failed", Verbs.Read, (HttpContext http, string job, Pages pages) =>
            pages.RespondAsync(http, page => AnswerAsync(page, job, withFailed: true)));
        routes.MapMethods("/job/{job}/build/latest/{**path}", Verbs.Read, (HttpContext http, string job, Pages pages) =>
            pages.RespondAsync(http, page => LatestAsync(page, job)));
    }

    private static async Task<Answer?> AnswerAsync(PageContext page, string name, bool withFailed)
    {
        if (await JobQueries.FindAsync(page.Session, name, page.Stop) is not { } job)
            return null;
        var all = await JobQueries.BuildsAsync(page.Session, job.Id, page.Stop);
        var platform = page.Query("platform");
        var builds = platform is null ? all : all.FindAll(build => build.Platform == platform);
        var shown = FirstOfEachOutput(builds, withFailed);
        if (page.WantsJson)
            return Answer.Json(json => JobJson.Write(json, shown));

        var verdicts = new JobVerdicts(all);
        var start = Math.Clamp(Number(page, "start"), 0, Math.Max(0, shown.Count - 1));
        var model = new JobPage(
            page.Frame(name),
            job,
            platform,
            [.. all.Select(build => build.Platform).Distinct().Order(StringComparer.Ordinal)],
            withFailed,
            builds.Count(build => build.Main is null),
            History(builds, verdicts),
            [.. shown.Skip(start).Take(JobPage.PageLength).Select(build => Entry(build, builds, verdicts))],
            start,
            shown.Count,
            job.Readme is { } readme ? MarkdownText.ToHtml(readme, headingShift: 2) : null);
        return await Answer.PageAsync(Job.Create(model));
    }

    /// <summary>The rest of the path and the query go with it.</summary>
    private static async Task<Answer?> LatestAsync(PageContext page, string job)
    {
        if (await JobQueries.LatestAsync(page.Session, job, page.Query("platform"), page.Stop) is not { } latest)
            return null;
        // The rest as it was written: it is encoded already.
        var target = RawTarget.Of(page.Http.Request);
        return Answer.Redirect(
            StatusCodes.Status307TemporaryRedirect,
            Href.Build(job, latest) + target.PathFrom(segment: 5) + target.Query);
    }

    /// <summary>Newest first, the newest one of each main binary; failed builds each for itself.</summary>
    private static List<JobBuild> FirstOfEachOutput(List<JobBuild> builds, bool withFailed)
    {
        var seen = new HashSet<Sha256Digest>();
        return builds.FindAll(build => build.Main is { } main ? seen.Add(main.Hash) : withFailed);
    }

    private static List<JobHistory> History(List<JobBuild> builds, JobVerdicts verdicts) =>
        [.. builds.GroupBy(build => build.Platform)
            .OrderBy(platform => platform.Key, StringComparer.Ordinal)
            .Select(platform => new JobHistory(
                platform.Key,
                [.. platform.Take(HistoryLength).Reverse().Select(build => new JobMark(build, verdicts.Of(build)))]))];

    private static JobEntry Entry(JobBuild build, List<JobBuild> builds, JobVerdicts verdicts)
    {
        if (build.Main is not { } main)
            return new JobEntry(build, verdicts.Of(build), 0, null, null);
        var before = builds.Find(other => other.Platform == build.Platform && other.Started < build.Started && other.Main is { } its && its.Hash != main.Hash);
        return new JobEntry(build, verdicts.Of(build), verdicts.BuildsWith(main.Hash), before is null ? null : main.Size - before.Main!.Size, before?.Uuid);
    }

    private static int Number(PageContext page, string name) =>
        int.TryParse(page.Query(name), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
}
