using System.Globalization;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Budgets;
using Builder.Storage.Database;
using Builder.Storage.Differences;
using Builder.Storage.Repetitions;
using Builder.Storage.Values;
using Builder.Web.Find;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Options;
using Builder.Web.Pages;
using Builder.Web.Rebuilders;
using Builder.Web.Repositories;

namespace Builder.Web.Builds;

/// <summary>The page of a build and its JSON.</summary>
internal static class BuildEndpoints
{
    public static void MapBuilds(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/job/{job}/build/{build}",
            Verbs.Read,
            (
                HttpContext http,
                string job,
                string build,
                PageResponder pages,
                Unikernels unikernels,
                AdvisoryFolder folder,
                ContentIndexing indexing,
                IFailureStory stories
            ) =>
            {
                var list = folder.Current;
                return pages.RespondAsync(
                    http,
                    page => AnswerAsync(page, job, build, unikernels, list, stories),
                    $"{Variant(http)}{FindEndpoints.Variant(list, indexing)}|{stories.Version}",
                    job: job
                );
            }
        );
        routes.MapMethods(
            "/job/{job}/build/{build}/main-binary",
            Verbs.Read,
            (HttpContext http, string job, string build, PageResponder pages) =>
                pages.RespondAsync(http, page => MainBinaryAsync(page, job, build), job: job)
        );
    }

    /// <summary>
    /// The page has lines to copy with the site's name. One that was kept from before a file turned out to be damaged, or was replaced, is made
    /// anew.
    /// </summary>
    private static string Variant(HttpContext http) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{http.RequestServices.GetRequiredService<DamagedContents>().Version}|{SiteOrigin.Of(http.Request)}"
        );

    /// <summary>Null where the uuid is none or the job has no such build.</summary>
    public static async Task<BuildFacts?> FindAsync(
        DatabaseSession session,
        string job,
        string build,
        CancellationToken cancellationToken
    ) => BuildUuid.TryParse(build, out var uuid) ? await BuildQueries.FindAsync(session, job, uuid, cancellationToken) : null;

    private static async Task<Answer?> AnswerAsync(
        PageContext page,
        string job,
        string uuid,
        Unikernels unikernels,
        AdvisoryList list,
        IFailureStory stories
    )
    {
        if (await FindAsync(page.Session, job, uuid, page.Stop) is not { } build)
            return await RemovedBuilds.WhatItWasAsync(page, job, uuid);
        var damaged = page.Http.RequestServices.GetRequiredService<DamagedContents>();
        var solo5 = build.Main is { } main && !damaged.Contains(main.Hash) ? await unikernels.FindAsync(main.Hash, page.Stop) : null;
        var otherOutput = build.Main is null ? RelatedBuilds.None : await BuildQueries.OtherOutputAsync(page.Session, build, page.Stop);
        var repetitions = build.Main is { } output
            ? (await RepetitionRows.OfOutputsAsync(page.Session, build.JobId, [output.Hash], page.Stop)).GetValueOrDefault(output.Hash)
            : null;
        var repeats = await RepetitionRows.FindAsync(page.Session, build.Uuid, page.Stop);
        var reason =
            otherOutput.Count == 0 ? null : await ReasonAsync(page, build.JobId, build.Main!.Hash) with { Repetitions = repetitions };
        var quorum = await BuildQuorum.FindAsync(page, build.Job, build.Uuid);
        var story = build.Main is null ? await stories.FindAsync(page, build) : null;
        var traceUrl = page.Http.RequestServices.GetRequiredService<WebOptions>().Traces?.Of(build.Uuid);
        if (page.WantsJson)
            return Answer.Json(json => BuildJson.Write(json, build, solo5, reason, quorum?.Quorum, story, repetitions, repeats, traceUrl));
        var artifacts = await BuildQueries.ArtifactsAsync(page.Session, build.Id, page.Stop);
        var sameInput =
            build.Main is null || build.InputId is null
                ? RelatedBuilds.None
                : await BuildQueries.SameInputSameOutputAsync(page.Session, build, page.Stop);
        var model = new BuildPage(
            page.PageLayout($"{build.Job} on {build.Platform}, {Wording.Moment(build.Started)}") with
            {
                IsLive = true,
                Feed = Href.JobFeed(build.Job),
                Description = Describe(build, sameInput.Count, otherOutput.Count, reason, story),
            },
            build,
            solo5,
            artifacts,
            sameInput,
            build.Main is null
                ? RelatedBuilds.None
                : await BuildQueries.OtherInputSameOutputAsync(page.Session, build, sameInput.Count, page.Stop),
            otherOutput,
            await BuildQueries.LatestAsync(page.Session, build, page.StartLimit, page.Stop),
            await BuildQueries.EarlierAsync(page.Session, build, page.Stop),
            await BuildQueries.LaterAsync(page.Session, build, page.Stop)
        )
        {
            Damaged = artifacts.Select(static artifact => artifact.Hash).Where(damaged.Contains).ToHashSet(),
            IsInTheFuture = page.StartLimit.IsBefore(build.Started),
            Reason = reason,
            Repetitions = repetitions,
            Repeats = repeats,
            TraceUrl = traceUrl,
            Quorum = quorum,
            Story = story,
            OverBudget = await OverBudgetAsync(page, build),
            FailedToo = build.Main is null || build.InputId is null ? null : await BuildQueries.FailedAsync(page.Session, build, page.Stop),
            Advisories = list.Advisories.IsEmpty
                ? []
                : await BuildAdvisories.FindAsync(page.Session, build.Id, build.Platform, list, page.Stop) ?? [],
            Dismissals = list
                .Dismissals.Where(dismissal => dismissal.Job == build.Job)
                .ToDictionary(static one => one.Advisory, static one => one.Because),
            ReproduceCommand = ShellWord.Of(SiteOrigin.Of(page.Http.Request) + Href.Build(build.Job, build.Uuid)) is { } address
                ? $"builder reproduce {address}"
                : null,
            Publication = await BuildPublication.FindAsync(page, build.Uuid, build.Platform),
        };
        return await Answer.PageAsync(Build.Create(model));
    }

    private static async Task<IReadOnlyList<string>> OverBudgetAsync(PageContext page, BuildFacts build) =>
        await BudgetRows.OfJobAsync(page.Session, build.Job, page.Stop) is { } budget
            ? BudgetCheck.Of(budget, build, await BuildQueries.EarlierAsync(page.Session, build, page.Stop))
            : [];

    /// <summary>What a pasted link says: the verdict and the size, or why it failed.</summary>
    private static string Describe(BuildFacts build, long same, long other, VerdictReason? reason, FailureStory? story) =>
        build.Main is { } main
            ? $"{Verdict.Of(true, build.InputId is not null, (int)same, (int)other).With(reason).Long}, {Wording.Bytes(main.Size)}, built in {Wording.Duration(build.Finished - build.Started)}"
        : story?.Error is { } error ? $"{build.Result}: {error.Summary}"
        : $"{build.Result}";

    private static async Task<VerdictReason> ReasonAsync(PageContext page, JobId job, Sha256Digest main) =>
        VerdictReason.Of(
            (await DifferenceRows.OfOutputsAsync(page.Session, [main], page.Stop)).GetValueOrDefault(main),
            (await ExpectedDifferenceRows.OfJobsAsync(page.Session, [job], page.Stop)).GetValueOrDefault(job)
        );

    private static async Task<Answer?> MainBinaryAsync(PageContext page, string job, string uuid) =>
        await FindAsync(page.Session, job, uuid, page.Stop) switch
        {
            { Main: { } main } build => Answer.Redirect(StatusCodes.Status302Found, Href.Artifact(build.Job, build.Uuid, main.Path)),
            null => await RemovedBuilds.WhatMainBinaryWasAsync(page, job, uuid),
            _ => null,
        };
}
