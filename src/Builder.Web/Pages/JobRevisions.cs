using Builder.Storage.Database;
using Builder.Storage.Differences;

namespace Builder.Web.Pages;

/// <summary>
/// The state of the database in which each job was last changed. Most writes add a build to one job, or say why builds of it differ: pages of the
/// others stay as they were.
/// Any write that did something else counts as a change of every job.
/// </summary>
internal sealed class JobRevisions : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile Known known = new(-1, 0, -1, []);

    /// <summary>Looks what was written since the last time. To be called before the session begins to read one state.</summary>
    /// <param name="revision">The database's number as it was just read; nothing is asked where that is known already.</param>
    public async ValueTask UpdateAsync(DatabaseSession session, long revision, CancellationToken cancellationToken)
    {
        if (known.Revision >= revision)
            return;
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (known.Revision >= revision)
                return;
            await session.BeginReadAsync(cancellationToken);
            known = await LookAsync(session, known, cancellationToken);
            await session.EndReadAsync();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The number of the state in which the job was last changed, as far as the last update saw.</summary>
    public long Of(string job)
    {
        var current = known;
        return current.Jobs.GetValueOrDefault(job, current.Others);
    }

    public void Dispose() => turn.Dispose();

    private static async Task<Known> LookAsync(DatabaseSession session, Known before, CancellationToken cancellationToken)
    {
        var revision = await session.RevisionAsync(cancellationToken);
        var newest = await session.IntegerAsync("SELECT COALESCE(MAX(id), 0) FROM build", cancellationToken);
        if (before.Revision < 0)
            return new Known(revision, newest, revision, []);
        var builds = await session.QueryAsync(
            "SELECT job.name FROM build JOIN job ON job.id = build.job WHERE build.id > @build ORDER BY build.id",
            static row => row.Text(0),
            cancellationToken,
            ("@build", before.NewestBuild)
        );
        var (differences, differing) = await WantedDifferences.ChangedSinceAsync(session, before.Revision, cancellationToken);
        // Each write raises the number by one; an upload is a write of its own, and so is a difference: as many of them as writes, so there was nothing else.
        if (builds.Count + differences != revision - before.Revision)
            return new Known(revision, newest, revision, []);
        var jobs = new Dictionary<string, long>(before.Jobs, StringComparer.Ordinal);
        foreach (var job in builds.Concat(differing))
            jobs[job] = revision;
        return new Known(revision, newest, before.Others, jobs);
    }

    /// <param name="Others">Of jobs that were not seen changing.</param>
    private sealed record Known(long Revision, long NewestBuild, long Others, Dictionary<string, long> Jobs);
}
