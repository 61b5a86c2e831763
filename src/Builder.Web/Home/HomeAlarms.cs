using System.Collections.Concurrent;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Budgets;
using Builder.Storage.Failures;
using Builder.Web.Builds;
using Builder.Web.Find;
using Builder.Web.Html;
using Builder.Web.Live;
using Builder.Web.Pages;

namespace Builder.Web.Home;

/// <summary>What needs somebody, of the jobs on the front page.</summary>
internal sealed class HomeAlarms(MatchedPlaces places, JobRevisions revisions)
{
    /// <summary>Kept until the job or its budget changes: each costs two queries, and every job may have a budget.</summary>
    private readonly ConcurrentDictionary<(string Job, string Platform), Excess> excesses = [];

    /// <summary>The most urgent first, then by job.</summary>
    /// <param name="jobs">Those that the page shows.</param>
    /// <param name="everyJob">Also those that were not built for so long that they are left out: they may be overdue.</param>
    public async Task<IReadOnlyList<HomeAlarm>> FindAsync(
        PageContext page,
        IReadOnlyList<HomeJob> jobs,
        IReadOnlyList<HomeJob> everyJob,
        ActivitySnapshot activity
    )
    {
        var cells = Cells(jobs);
        var errors = await FailureRows.OfBuildsAsync(
            page.Session,
            cells.Select(static one => one.Cell.Failed?.Uuid).OfType<BuildUuid>(),
            page.Stop
        );
        var ofPackages = await places.FindAsync(page.Session, page.StartLimit, page.Stop);
        var budgets = await BudgetRows.AllAsync(page.Session, page.Stop);
        var alarms = new List<HomeAlarm>();
        foreach (var (job, cell) in cells)
        {
            if (cell.Failed is { } failed)
                alarms.Add(
                    new HomeAlarm(
                        HomeTrouble.Failing,
                        job,
                        cell.Platform,
                        errors.GetValueOrDefault(failed.Uuid) is { } error ? Title(error) : null,
                        Href.Build(job, failed.Uuid)
                    )
                );
            if (cell.Good is not { } good)
                continue;
            if (cell is { Failed: null, Verdict.Kind: VerdictKind.NotReproducible })
                alarms.Add(
                    new HomeAlarm(HomeTrouble.NotReproducible, job, cell.Platform, good.Reason?.Summary, Href.Build(job, good.Uuid))
                );
            if (ofPackages.TryGetValue((job, cell.Platform), out var matched))
                alarms.Add(
                    new HomeAlarm(
                        HomeTrouble.Advisory,
                        job,
                        cell.Platform,
                        string.Join(", ", matched.Take(3).Select(static one => one.Advisory.Id)),
                        Href.Build(job, good.Uuid) + "#advisories"
                    )
                );
            if (
                budgets.TryGetValue(job, out var budget)
                && await ExcessAsync(page, job, cell.Platform, good.Uuid, budget) is { Count: > 0 } over
            )
                alarms.Add(new HomeAlarm(HomeTrouble.OverBudget, job, cell.Platform, string.Join("; ", over), Href.Build(job, good.Uuid)));
        }
        alarms.AddRange(Overdue(Cells(everyJob), activity, page));
        return [.. alarms.OrderBy(static alarm => alarm.Trouble).ThenBy(static alarm => alarm.Job, StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<string>> ExcessAsync(
        PageContext page,
        string job,
        string platform,
        BuildUuid uuid,
        StoredBudget budget
    )
    {
        var revision = revisions.Of(job);
        if (
            excesses.TryGetValue((job, platform), out var known)
            && known.Revision == revision
            && known.Build == uuid
            && known.Budget == budget
        )
            return known.Over;
        var over = await BuildQueries.FindAsync(page.Session, uuid, page.Stop) is { } build
            ? BudgetCheck.Of(budget, build, await BuildQueries.EarlierAsync(page.Session, build, page.Stop))
            : [];
        excesses[(job, platform)] = new Excess(revision, uuid, budget, over);
        return over;
    }

    private static List<(string Job, HomeCell Cell)> Cells(IReadOnlyList<HomeJob> jobs) =>
        [.. jobs.SelectMany(static job => job.Cells.OfType<HomeCell>().Select(cell => (job.Job.Name, cell)))];

    private static string Title(StoredFailure error) => error.Subject is { } package ? $"{package} cannot be installed" : error.Summary;

    private static IEnumerable<HomeAlarm> Overdue(List<(string Job, HomeCell Cell)> cells, ActivitySnapshot activity, PageContext page)
    {
        if (activity.Info is not { } info)
            yield break;
        page.Moment.ChangesWithin(TimeSpan.FromMinutes(1));
        var newest = cells.ToDictionary(
            static one => (one.Job, one.Cell.Platform),
            static one => one.Cell.Failed?.Started ?? one.Cell.Good?.Started
        );
        foreach (var item in info.Schedule)
        {
            if (Length(item.Period) is not { } period || item.Job is not ScriptJob script)
                continue;
            var (job, platform) = (script.Name.ToString(), script.Platform.ToString());
            if (activity.Running(job, platform) is not null || !newest.TryGetValue((job, platform), out var last) || last is not { } time)
                continue;
            if (page.Now - time > period * 2)
                yield return new HomeAlarm(
                    HomeTrouble.Overdue,
                    job,
                    platform,
                    $"no build for {Wording.Duration(page.Now - time)}, scheduled {Period(item.Period)}",
                    Href.Job(job, platform)
                );
        }
    }

    private static TimeSpan? Length(Period period) =>
        period switch
        {
            Protocol.Values.Period.Hourly => TimeSpan.FromHours(1),
            Protocol.Values.Period.Daily => TimeSpan.FromDays(1),
            Protocol.Values.Period.Weekly => TimeSpan.FromDays(7),
            _ => null,
        };

    private static string Period(Period period) => period.ToString().ToLowerInvariant();

    private sealed record Excess(long Revision, BuildUuid Build, StoredBudget Budget, IReadOnlyList<string> Over);
}
