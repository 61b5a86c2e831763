using Builder.Analysis.Values;
using Builder.Storage.Differences;
using Builder.Storage.Rebuilders;
using Builder.Storage.Repetitions;
using Builder.Storage.Values;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Jobs;

internal static class JobEndpoints
{
    private const int HistoryLength = 60;

    /// <summary>Platforms in a chart; the page of the history has all.</summary>
    private const int MaxLines = 5;

    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/job/{job}",
            Verbs.Read,
            (HttpContext http, string job, PageResponder pages) =>
                pages.RespondAsync(http, page => AnswerAsync(page, job, withFailed: false), SiteOrigin.Of(http.Request), job: job)
        );
        routes.MapMethods(
            "/job/{job}/failed",
            Verbs.Read,
            (HttpContext http, string job, PageResponder pages) =>
                pages.RespondAsync(http, page => AnswerAsync(page, job, withFailed: true), SiteOrigin.Of(http.Request), job: job)
        );
        routes.MapMethods(
            "/job/{job}/build/latest/{**path}",
            Verbs.Read,
            (HttpContext http, string job, PageResponder pages) =>
                // What is carried along is carried as it was written, so that tells answers apart, too.
                pages.RespondAsync(http, page => LatestAsync(page, job), variant: RawTarget.Of(http.Request).PathFrom(segment: 5), job: job)
        );
    }

    private static async Task<Answer?> AnswerAsync(PageContext page, string name, bool withFailed)
    {
        if (await JobQueries.FindAsync(page.Session, name, page.Stop) is not { } job)
            return null;
        var platform = page.Query("platform");
        if (page.WantsJson)
        {
            var builds = await JobOutputs.AllAsync(page.Session, job.Id, platform, withFailed, page.StartLimit, page.Stop);
            var ofAll = await JobVerdicts.ReadAsync(
                page.Session,
                job.Id,
                [.. builds.Select(static build => (build.InputId, build.Main?.Hash))],
                page.Stop
            );
            var repetitionsOfAll = await RepetitionsAsync(page, job.Id, builds);
            var reasonsOfAll = await ReasonsAsync(page, job.Id, builds, ofAll, repetitionsOfAll);
            var regressionsOfAll = (await RegressionRows.OpenAsync(page.Session, job.Id, page.Stop)).FindAll(regression =>
                Counts(regression, platform, builds, reasonsOfAll)
            );
            var ofNobody = await QuorumRows.WithheldAsync(page.Session, builds.Select(static build => build.Uuid), page.Stop);
            return Answer.Json(json => JobJson.Write(json, builds, reasonsOfAll, repetitionsOfAll, regressionsOfAll, ofNobody));
        }
        var platforms = await JobQueries.PlatformsAsync(page.Session, job.Id, page.Stop);
        var failures = await JobQueries.FailuresAsync(page.Session, job.Id, platform, JobPage.MaxFailuresCounted, page.Stop);
        var (start, outputs) = await OutputsAsync(page, job.Id, platform, withFailed);
        var hasOlder = outputs.Count > JobPage.PageLength;
        var shown = hasOlder ? outputs[..JobPage.PageLength] : outputs;
        var marks = new List<(string Platform, List<BuildMark> Builds)>();
        foreach (var place in platforms.Where(place => platform is null || place == platform))
            marks.Add((place, await JobQueries.MarksAsync(page.Session, job.Id, place, page.StartLimit, HistoryLength, page.Stop)));
        var verdicts = await JobVerdicts.ReadAsync(
            page.Session,
            job.Id,
            [
                .. shown.Select(output => (output.Build.InputId, output.Build.Main?.Hash)),
                .. marks.SelectMany(line => line.Builds).Select(mark => (mark.InputId, mark.Output)),
            ],
            page.Stop
        );
        var shownBuilds = shown.ConvertAll(static output => output.Build);
        var repetitions = await RepetitionsAsync(page, job.Id, shownBuilds);
        var reasons = await ReasonsAsync(page, job.Id, shownBuilds, verdicts, repetitions);
        var withheld = await QuorumRows.WithheldAsync(page.Session, shown.Select(static output => output.Build.Uuid), page.Stop);
        var regressions = await RegressionRows.OpenAsync(page.Session, job.Id, page.Stop);
        var model = new JobPage(
            page.PageLayout(name + (platform is null ? "" : $" on {platform}") + (withFailed ? ", failures too" : "")) with
            {
                IsLive = true,
                Feed = Href.JobFeed(name),
                Description = Describe(job, shown.Count == 0 ? null : shown[0].Build, verdicts),
            },
            job,
            platform,
            platforms,
            withFailed,
            failures,
            [.. marks.Select(line => History(line.Platform, line.Builds, verdicts))],
            shown.ConvertAll(output =>
                Entry(output, verdicts) with
                {
                    Reason = output.Build.Main is { } main ? reasons.GetValueOrDefault(main.Hash) : null,
                    Repetitions = output.Build.Main is { } repeated ? repetitions.GetValueOrDefault(repeated.Hash) : null,
                    IsWithheld = withheld.Contains(output.Build.Uuid),
                }
            ),
            start,
            hasOlder,
            job.Readme is { } readme ? MarkdownText.ToHtml(readme, headingShift: 2) : null
        )
        {
            Origin = SiteOrigin.Of(page.Http.Request),
            Numbers = await NumbersAsync(page, job.Id, platforms.Where(place => platform is null || place == platform)),
        };
        model = model with { Regressions = [.. regressions.Where(model.Counts)] };
        return await Answer.PageAsync(Job.Create(model));
    }

    /// <summary>As on the page: not where the schedule declares the differences of the newest build harmless.</summary>
    private static bool Counts(
        StoredRegression regression,
        string? platform,
        IReadOnlyList<JobBuild> builds,
        IReadOnlyDictionary<Sha256Digest, VerdictReason> reasons
    ) =>
        (platform is null || platform == regression.Platform)
        && !(
            builds.FirstOrDefault(build => build.Platform == regression.Platform && build.Main is not null) is { Main: { } main }
            && reasons.GetValueOrDefault(main.Hash) is { IsExpected: true }
        );

    private static async Task<IReadOnlyList<HistoryBuild>> NumbersAsync(PageContext page, JobId job, IEnumerable<string> platforms)
    {
        var numbers = new List<HistoryBuild>();
        foreach (var platform in platforms.Take(MaxLines))
            numbers.AddRange(await HistoryQueries.BuildsAsync(page.Session, job, platform, page.StartLimit, HistoryLength, page.Stop));
        return numbers;
    }

    /// <summary>By main binary, of those builds that are not reproducible.</summary>
    private static async Task<IReadOnlyDictionary<Sha256Digest, VerdictReason>> ReasonsAsync(
        PageContext page,
        JobId job,
        IReadOnlyList<JobBuild> builds,
        JobVerdicts verdicts,
        IReadOnlyDictionary<Sha256Digest, RepetitionSummary> repetitions
    )
    {
        var outputs = builds
            .Where(build => verdicts.Of(build.InputId, build.Main?.Hash).Kind == VerdictKind.NotReproducible)
            .Select(static build => build.Main!.Hash)
            .ToHashSet();
        var stored = await DifferenceRows.OfOutputsAsync(page.Session, outputs, page.Stop);
        var expected =
            outputs.Count == 0 ? null : (await ExpectedDifferenceRows.OfJobsAsync(page.Session, [job], page.Stop)).GetValueOrDefault(job);
        return outputs.ToDictionary(
            static output => output,
            output =>
                VerdictReason.Of(stored.GetValueOrDefault(output), expected) with
                {
                    Repetitions = repetitions.GetValueOrDefault(output),
                }
        );
    }

    /// <summary>By main binary.</summary>
    private static Task<IReadOnlyDictionary<Sha256Digest, RepetitionSummary>> RepetitionsAsync(
        PageContext page,
        JobId job,
        IReadOnlyList<JobBuild> builds
    ) =>
        RepetitionRows.OfOutputsAsync(page.Session, job, builds.Select(static build => build.Main?.Hash).OfType<Sha256Digest>(), page.Stop);

    /// <summary>A page of them and one more, if there is one; the first page where there is nothing so far back.</summary>
    private static async Task<(int Start, List<JobOutput> Outputs)> OutputsAsync(
        PageContext page,
        JobId job,
        string? platform,
        bool withFailed
    )
    {
        var start = Number(page, "start");
        var outputs = await JobOutputs.PageAsync(
            page.Session,
            job,
            platform,
            withFailed,
            page.StartLimit,
            start,
            JobPage.PageLength + 1,
            page.Stop
        );
        return outputs.Count > 0 || start == 0
            ? (start, outputs)
            : (
                0,
                await JobOutputs.PageAsync(page.Session, job, platform, withFailed, page.StartLimit, 0, JobPage.PageLength + 1, page.Stop)
            );
    }

    /// <summary>The rest of the path and the query go with it.</summary>
    private static async Task<Answer?> LatestAsync(PageContext page, string job)
    {
        if (await JobQueries.LatestAsync(page.Session, job, page.Query("platform"), page.StartLimit, page.Stop) is not { } latest)
            return null;
        // The rest as it was written: it is encoded already.
        var target = RawTarget.Of(page.Http.Request);
        return Answer.Redirect(
            StatusCodes.Status307TemporaryRedirect,
            Href.Build(job, latest) + target.PathFrom(segment: 5) + target.Query
        );
    }

    /// <summary>What a pasted link says: the job, its newest verdict, its size.</summary>
    private static string Describe(JobFacts job, JobBuild? newest, JobVerdicts verdicts)
    {
        var state = newest is null
            ? "never built"
            : $"{verdicts.Of(newest.InputId, newest.Main?.Hash).Long} on {newest.Platform}{(newest.Main is { } main ? $", {Wording.Bytes(main.Size)}" : "")}";
        return job.Synopsis is { } synopsis ? $"{synopsis}. Latest build: {state}" : $"Latest build: {state}";
    }

    private static JobHistory History(string platform, List<BuildMark> newestFirst, JobVerdicts verdicts)
    {
        var marks = newestFirst.ConvertAll(mark => new JobMark(mark.Uuid, mark.Started, verdicts.Of(mark.InputId, mark.Output)));
        marks.Reverse();
        return new JobHistory(platform, marks);
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
        int.TryParse(
            page.Query(name),
            System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : 0;
}
