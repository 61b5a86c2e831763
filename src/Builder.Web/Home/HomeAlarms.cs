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
internal sealed class HomeAlarms(AdvisoryFolder advisories, ContentIndexing indexing)
{
    private volatile Affected affected = new("", new Dictionary<(string, string), IReadOnlyList<string>>());

    /// <summary>The most urgent first, then by job.</summary>
    public async Task<IReadOnlyList<HomeAlarm>> FindAsync(PageContext page, IReadOnlyList<HomeJob> jobs, ActivitySnapshot activity)
    {
        var cells = jobs.SelectMany(static job => job.Cells.OfType<HomeCell>().Select(cell => (job.Job.Name, Cell: cell))).ToList();
        var errors = await FailureRows.OfBuildsAsync(
            page.Session,
            cells.Select(static one => one.Cell.Failed?.Uuid).OfType<BuildUuid>(),
            page.Stop
        );
        var ofPackages = await AffectedAsync(page);
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
            if (ofPackages.TryGetValue((job, cell.Platform), out var ids))
                alarms.Add(
                    new HomeAlarm(
                        HomeTrouble.Advisory,
                        job,
                        cell.Platform,
                        string.Join(", ", ids.Take(3)),
                        Href.Build(job, good.Uuid) + "#advisories"
                    )
                );
            if (
                budgets.TryGetValue(job, out var budget)
                && await BuildQueries.FindAsync(page.Session, good.Uuid, page.Stop) is { } build
                && BudgetCheck.Of(budget, build, await BuildQueries.EarlierAsync(page.Session, build, page.Stop)) is { Count: > 0 } over
            )
                alarms.Add(new HomeAlarm(HomeTrouble.OverBudget, job, cell.Platform, string.Join("; ", over), Href.Build(job, good.Uuid)));
        }
        alarms.AddRange(Overdue(cells, activity, page));
        return [.. alarms.OrderBy(static alarm => alarm.Trouble).ThenBy(static alarm => alarm.Job, StringComparer.Ordinal)];
    }

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

    /// <summary>The ids of advisories by job and platform; worked out again only when a build was indexed or the advisories changed.</summary>
    private async Task<IReadOnlyDictionary<(string, string), IReadOnlyList<string>>> AffectedAsync(PageContext page)
    {
        var list = advisories.Current;
        var variant = FindEndpoints.Variant(list, indexing);
        var known = affected;
        if (known.Variant == variant)
            return known.ByPlace;
        var latest = new LatestBuilds(page.Session, page.StartLimit, page.Stop);
        var found = new Dictionary<(string, string), List<string>>();
        foreach (var advisory in list.Advisories)
        {
            var places = await AdvisoryPlaces.FindAsync(page.Session, advisory, list, latest, page.Stop);
            foreach (var place in places.Places.Where(static place => place.Place.IsAffected && place.Dismissed is null))
            {
                var key = (place.Place.Job, place.Place.Platform);
                if (!found.TryGetValue(key, out var ids))
                    found[key] = ids = [];
                if (!ids.Contains(advisory.Id))
                    ids.Add(advisory.Id);
            }
        }
        affected = known = new Affected(variant, found.ToDictionary(static one => one.Key, static one => (IReadOnlyList<string>)one.Value));
        return known.ByPlace;
    }

    private sealed record Affected(string Variant, IReadOnlyDictionary<(string Job, string Platform), IReadOnlyList<string>> ByPlace);
}
