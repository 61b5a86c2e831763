using Builder.Storage.Failures;
using Builder.Web.Home;
using Builder.Web.Pages;

namespace Builder.Web.Failures;

/// <summary>What fails now, put together by first error.</summary>
internal static class FailureGroups
{
    /// <summary>Pairs of job and platform whose first failure is looked up; of further ones the newest failure stands for it.</summary>
    private const int MaxLookedUp = 500;

    /// <summary>The group with the most jobs first; what has no error comes last.</summary>
    public static async Task<IReadOnlyList<FailureGroup>> FindAsync(PageContext page, HomeCells cells, string? platform)
    {
        var jobs = await HomeQueries.JobsAsync(page.Session, page.Stop);
        var (rows, _) = await cells.OfAsync(page.Session, jobs, page.StartLimit, page.Stop);
        var names = jobs.ToDictionary(static job => job.Id, static job => job.Name);
        var failing = rows.Where(row =>
                row.Bad is { } bad && (row.Good is null || bad.Started > row.Good.Started) && (platform is null || row.Platform == platform)
            )
            .ToList();
        var errors = await FailureRows.OfBuildsAsync(page.Session, failing.Select(static row => row.Bad!.Uuid), page.Stop);
        var all = new List<(StoredFailure? Error, FailingJob Job)>(failing.Count);
        foreach (var row in failing)
        {
            var since =
                all.Count < MaxLookedUp
                    ? await FailureQueries.FirstSinceAsync(page.Session, row.Job, row.Platform, row.Good?.Started, page.Stop)
                    : null;
            all.Add(
                (
                    errors.GetValueOrDefault(row.Bad!.Uuid),
                    new FailingJob(names[row.Job], row.Platform, row.Bad, since?.Started ?? row.Bad.Started)
                )
            );
        }
        return
        [
            .. all.GroupBy(static one => one.Error?.Fingerprint)
                .Select(static group => new FailureGroup(
                    group.MaxBy(static one => one.Job.Build.Started).Error,
                    [
                        .. group
                            .Select(static one => one.Job)
                            .OrderBy(static job => job.Job, StringComparer.Ordinal)
                            .ThenBy(static job => job.Platform, StringComparer.Ordinal),
                    ],
                    group.Min(static one => one.Job.Since)
                ))
                .OrderBy(static group => group.Error is null)
                .ThenByDescending(static group => group.JobCount)
                .ThenByDescending(static group => group.Since),
        ];
    }
}
