using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;
using Builder.Web.Html;
using Builder.Web.Live;

namespace Builder.Web.Home;

/// <summary>Puts the rows of the database together to the matrix of the front page.</summary>
internal static class HomeBuilder
{
    public const string NoSection = "Uncategorized";

    /// <summary>Also whether there is nothing at all yet.</summary>
    /// <param name="since">Only builds that finished then or later; null for all.</param>
    public static async Task<(IReadOnlyList<string> Platforms, IReadOnlyList<HomeJob> Jobs, bool IsNew)> JobsAsync(
        DatabaseSession session,
        HomeCells known,
        StartLimit limit,
        Timestamp? since,
        ActivitySnapshot activity,
        CancellationToken cancellationToken
    )
    {
        var jobs = await HomeQueries.JobsAsync(session, cancellationToken);
        var cells = new Dictionary<JobId, List<HomeCell>>();
        var (rows, sizes) = await known.OfAsync(session, jobs, limit, cancellationToken);
        foreach (var row in rows)
        {
            var good = row.Good is { } build && (since is null || build.Finished >= since) ? build : null;
            var isNewest = row.Bad is not null && (row.Good is null || row.Bad.Started > row.Good.Started);
            var bad = isNewest && (since is null || row.Bad!.Finished >= since) ? row.Bad : null;
            if (good is null && bad is null)
                continue;
            if (!cells.TryGetValue(row.Job, out var ofJob))
                cells[row.Job] = ofJob = [];
            ofJob.Add(
                new HomeCell(row.Platform, good, bad)
                {
                    IsRegression = row.IsRegression && bad is null && good?.Verdict.With(good.Reason).Kind == VerdictKind.NotReproducible,
                }
            );
        }
        var platforms = cells
            .Values.SelectMany(ofJob => ofJob)
            .Select(cell => cell.Platform)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToArray();
        var shown = new List<HomeJob>();
        foreach (var job in jobs)
        {
            if (!cells.TryGetValue(job.Id, out var ofJob))
                continue;
            var across = Array.ConvertAll(
                platforms,
                platform => WithActivity(ofJob.Find(cell => cell.Platform == platform), job.Name, platform, activity)
            );
            shown.Add(new HomeJob(job, across, sizes(job.Id)));
        }
        return (platforms, shown, jobs.Count == 0);
    }

    private static HomeCell? WithActivity(HomeCell? cell, string job, string platform, ActivitySnapshot activity)
    {
        var running = activity.Running(job, platform)?.Uuid;
        var isWaiting = activity.IsWaiting(job, platform);
        return running is null && !isWaiting
            ? cell
            : (cell ?? new HomeCell(platform, null, null)) with
            {
                Running = running,
                IsWaiting = isWaiting,
            };
    }

    /// <summary>Sections by falling name, as the JSON has always had them: Unikernels, then Uncategorized, then Packages.</summary>
    public static IReadOnlyList<HomeSection> Sections(IEnumerable<HomeJob> jobs) =>
        [
            .. jobs.GroupBy(job => job.Job.Section ?? NoSection)
                .OrderByDescending(section => section.Key, StringComparer.Ordinal)
                .Select(section => new HomeSection(section.Key, [.. section])),
        ];

    public static HomeTotals Totals(IReadOnlyList<HomeJob> jobs)
    {
        var verdicts = jobs.SelectMany(job => job.Cells).Select(cell => cell?.Verdict?.Kind).OfType<VerdictKind>().ToList();
        int CountOf(VerdictKind kind) => verdicts.Count(verdict => verdict == kind);
        return new HomeTotals(
            jobs.Count,
            CountOf(VerdictKind.Reproduced),
            CountOf(VerdictKind.ReproducedBut),
            CountOf(VerdictKind.NotReproducible),
            CountOf(VerdictKind.BuiltOnce) + CountOf(VerdictKind.InputsUnknown),
            CountOf(VerdictKind.Failed)
        );
    }
}
