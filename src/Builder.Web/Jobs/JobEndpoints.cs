using Builder.Web.Shared;

namespace Builder.Web.Jobs;

internal static class JobEndpoints
{
    private const int HistoryLength = 60;

    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/job/{job}", Verbs.Read, (HttpContext http, string job, Pages pages) =>
            pages.RespondAsync(http, page => AnswerAsync(page, job, withFailed: false), job: job));
        routes.MapMethods("/job/{job}/failed", Verbs.Read, (HttpContext http, string job, Pages pages) =>
            pages.RespondAsync(http, page => AnswerAsync(page, job, withFailed: true), job: job));
        routes.MapMethods("/job/{job}/build/latest/{**path}", Verbs.Read, (HttpContext http, string job, Pages pages) =>
            // What is carried along is carried as it was written, so that tells answers apart, too.
            pages.RespondAsync(http, page => LatestAsync(page, job), variant: RawTarget.Of(http.Request).PathFrom(segment: 5), job: job));
    }

    private static async Task<Answer?> AnswerAsync(PageContext page, string name, bool withFailed)
    {
        if (await JobQueries.FindAsync(page.Session, name, page.Stop) is not { } job)
            return null;
        var platform = page.Query("platform");
        if (page.WantsJson)
        {
            var builds = await JobQueries.OutputsAsync(page.Session, job.Id, platform, withFailed, 0, int.MaxValue, page.Stop);
            return Answer.Json(json => JobJson.Write(json, builds.ConvertAll(output => output.Build)));
        }
        var verdicts = await JobQueries.VerdictsAsync(page.Session, job.Id, page.Stop);
        var platforms = await JobQueries.PlatformsAsync(page.Session, job.Id, page.Stop);
        var (outputs, failures) = platform is null
            ? (verdicts.Outputs, verdicts.Failures)
            : await JobQueries.CountAsync(page.Session, job.Id, platform, page.Stop);
        var total = withFailed ? outputs + failures : outputs;
        var start = Math.Clamp(Number(page, "start"), 0, Math.Max(0, total - 1));
        var shown = await JobQueries.OutputsAsync(page.Session, job.Id, platform, withFailed, start, JobPage.PageLength, page.Stop);
        var history = new List<JobHistory>();
        foreach (var place in platforms.Where(place => platform is null || place == platform))
        {
            var marks = await JobQueries.MarksAsync(page.Session, job.Id, place, HistoryLength, verdicts, page.Stop);
            marks.Reverse();
            history.Add(new JobHistory(place, marks));
        }
        var model = new JobPage(
            page.Frame(name + (platform is null ? "" : $" on {platform}") + (withFailed ? ", failures too" : "")),
            job,
            platform,
            platforms,
            withFailed,
            failures,
            history,
            shown.ConvertAll(output => Entry(output, verdicts)),
            start,
            total,
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

    private static JobEntry Entry(JobOutput output, JobVerdicts verdicts)
    {
        var build = output.Build;
        var verdict = verdicts.Of(build.InputId, build.Main?.Hash);
        return build.Main is { } main
            ? new JobEntry(build, verdict, verdicts.BuildsWith(main.Hash), main.Size - output.Earlier?.Size, output.Earlier?.Uuid)
            : new JobEntry(build, verdict, 0, null, null);
    }

    private static int Number(PageContext page, string name) =>
        int.TryParse(page.Query(name), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
}
