using Builder.Analysis.Values;
using Builder.Storage.Database;
using Builder.Storage.Differences;
using Builder.Storage.Repetitions;
using Builder.Storage.Values;
using Builder.Web.Html;
using Builder.Web.Pages;

namespace Builder.Web.Home;

/// <summary>What the front page says of each job, kept until that job changes: an upload costs the queries of one job, not of all.</summary>
internal sealed class HomeCells(JobRevisions revisions)
{
    /// <summary>From so many changed jobs on one query for all is cheaper than one for each.</summary>
    private const int Many = 16;

    private volatile Dictionary<JobId, JobCells> kept = [];

    /// <returns>The cells of all jobs, and the sizes of a job's main binaries, oldest first.</returns>
    public async Task<(IEnumerable<CellRow> Rows, Func<JobId, IReadOnlyList<long>> Sizes)> OfAsync(
        DatabaseSession session,
        IReadOnlyList<JobRow> jobs,
        StartLimit limit,
        CancellationToken cancellationToken
    )
    {
        var before = kept;
        var now = new Dictionary<JobId, JobCells>(jobs.Count);
        var changed = new List<(JobId Job, long Revision)>();
        foreach (var job in jobs)
        {
            var revision = revisions.Of(job.Name);
            if (before.TryGetValue(job.Id, out var cells) && cells.Revision == revision)
                now[job.Id] = cells;
            else
                changed.Add((job.Id, revision));
        }
        if (changed.Count >= Many)
        {
            await AddAsync(null, changed);
        }
        else
        {
            foreach (var one in changed)
                await AddAsync(one.Job, [one]);
        }
        kept = now;
        return (now.Values.SelectMany(cells => cells.Rows), job => now.TryGetValue(job, out var cells) ? cells.Sizes : []);

        async Task AddAsync(JobId? only, List<(JobId Job, long Revision)> asked)
        {
            var rows = (
                await WithReasonsAsync(session, await HomeQueries.CellsAsync(session, only, limit, cancellationToken), cancellationToken)
            ).ToLookup(row => row.Job);
            var sizes = await HomeQueries.SizesAsync(session, only, limit, cancellationToken);
            var regressions = (await RegressionRows.OpenAsync(session, only, cancellationToken))
                .Select(static regression => (regression.Job, regression.Platform))
                .ToHashSet();
            var unsettled = await HomeQueries.WithFutureBuildsAsync(session, only, limit, cancellationToken);
            foreach (var (job, revision) in asked)
                now[job] = new JobCells(
                    unsettled.Contains(job) ? null : revision,
                    [.. rows[job].Select(row => row with { IsRegression = regressions.Contains((row.Job, row.Platform)) })],
                    sizes.GetValueOrDefault(job) ?? []
                );
        }
    }

    private static async Task<IEnumerable<CellRow>> WithReasonsAsync(
        DatabaseSession session,
        List<CellRow> rows,
        CancellationToken cancellationToken
    )
    {
        var outputs = rows.Select(static row => row.Good)
            .OfType<GoodBuild>()
            .Where(static good => good.Verdict.Kind == VerdictKind.NotReproducible);
        var stored = await DifferenceRows.OfOutputsAsync(session, outputs.Select(static good => good.MainHash), cancellationToken);
        var expected = await ExpectedDifferenceRows.OfJobsAsync(
            session,
            rows.Where(static row => row.Good is { Verdict.Kind: VerdictKind.NotReproducible }).Select(static row => row.Job),
            cancellationToken
        );
        var repetitions = new Dictionary<(JobId, Sha256Digest), RepetitionSummary>();
        foreach (
            var ofJob in rows.Where(static row => row.Good is { Verdict.Kind: VerdictKind.NotReproducible }).GroupBy(static row => row.Job)
        )
        {
            var found = await RepetitionRows.OfOutputsAsync(
                session,
                ofJob.Key,
                ofJob.Select(static row => row.Good!.MainHash),
                cancellationToken
            );
            foreach (var (output, summary) in found)
                repetitions[(ofJob.Key, output)] = summary;
        }
        return rows.Select(row =>
            row.Good is { Verdict.Kind: VerdictKind.NotReproducible } good
                ? row with
                {
                    Good = good with
                    {
                        Reason = VerdictReason.Of(stored.GetValueOrDefault(good.MainHash), expected.GetValueOrDefault(row.Job)) with
                        {
                            Repetitions = repetitions.GetValueOrDefault((row.Job, good.MainHash)),
                        },
                    },
                }
                : row
        );
    }

    /// <param name="Revision">Null where this is not to be kept.</param>
    private sealed record JobCells(long? Revision, IReadOnlyList<CellRow> Rows, IReadOnlyList<long> Sizes);
}
