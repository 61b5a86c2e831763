using Builder.Storage.Failures;
using Builder.Web.Builds;
using Builder.Web.Pages;

namespace Builder.Web.Failures;

/// <summary>Looks up the story of a failed build.</summary>
internal sealed class FailureStories(IInputChanges changes, FailureReading reading) : IFailureStory
{
    public long Version => reading.Version;

    public async Task<FailureStory> FindAsync(PageContext page, BuildFacts build)
    {
        var error = await FailureRows.FindAsync(page.Session, build.Id, page.Stop);
        var good = await BuildQueries.EarlierAsync(page.Session, build, page.Stop);
        var first = await FailureQueries.FirstSinceAsync(page.Session, build.JobId, build.Platform, good?.Started, page.Stop);
        return new FailureStory(error)
        {
            LastGood = good,
            FirstBad = first is null ? null : new BuildLink(first.Uuid, first.Started),
            Changes =
                good is not null
                && first is not null
                && await BuildQueries.FindAsync(page.Session, good.Uuid, page.Stop) is { } goodBuild
                && await BuildQueries.FindAsync(page.Session, first.Uuid, page.Stop) is { } firstBuild
                    ? await changes.FindAsync(page, goodBuild, firstBuild)
                    : null,
            Succeeded = build.InputId is null ? null : await BuildQueries.SucceededAsync(page.Session, build, page.Stop),
            SameError = error is null
                ? 0
                : await FailureQueries.CountAsync(page.Session, error.Fingerprint, BuildPage.MaxSameErrors, page.Stop),
        };
    }
}
