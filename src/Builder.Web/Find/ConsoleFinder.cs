using System.Text;
using Builder.Storage.Database;
using Builder.Storage.Search;
using Builder.Storage.Values;

namespace Builder.Web.Find;

/// <summary>Answers which consoles have a line with a text: the index says where it may be, the console whether it is.</summary>
internal sealed class ConsoleFinder(ConsoleTextIndex index)
{
    public bool IsOn => index.IsOn;

    /// <summary>Whether a text can be looked for.</summary>
    public static bool CanAsk(string text) =>
        text.Length <= ConsoleLimits.MaxLength
        && Encoding.UTF8.GetByteCount(text) >= ConsoleLimits.MinLength
        && text.AsSpan().IndexOfAny('\n', '\r', '\0') < 0;

    /// <param name="job">All consoles of this job; null: one for each job and platform.</param>
    public async Task<ConsoleAnswer> FindAsync(
        DatabaseSession session,
        string text,
        string? job,
        ConsoleLimits limits,
        CancellationToken cancellationToken
    )
    {
        var search = new Search(limits, job);
        await foreach (var builds in index.FindAsync(session, text, cancellationToken))
        {
            foreach (var candidate in await CandidatesAsync(session, builds, job, cancellationToken))
            {
                if (search.IsFull)
                    break;
                await LookAsync(session, candidate, text, search, cancellationToken);
            }
            if (search.IsFull)
                break;
        }
        return new ConsoleAnswer(text, await index.CountAsync(session, cancellationToken), search.Places(), !search.IsFull);
    }

    private async Task LookAsync(
        DatabaseSession session,
        Candidate candidate,
        string text,
        Search search,
        CancellationToken cancellationToken
    )
    {
        if (search.IsKnown(candidate))
            return;
        await using var console = await index.TryOpenAsync(candidate.Console, cancellationToken);
        if (console is null)
            return;
        search.Opened(console.Length);
        if (await ConsoleScan.FindAsync(console, text, cancellationToken) is { } hit)
            search.Add(candidate, hit, !await HasLaterAsync(session, candidate, cancellationToken));
    }

    /// <summary>In the order of the ids, which is the order in which they were stored, the latest first.</summary>
    private static async Task<List<Candidate>> CandidatesAsync(
        DatabaseSession session,
        IReadOnlyList<BuildId> builds,
        string? job,
        CancellationToken cancellationToken
    )
    {
        var found = new List<Candidate>();
        foreach (var parameters in SqlValues.Pieces(builds, none: -1L))
            found.AddRange(
                await session.QueryAsync(
                    $"""
                    SELECT build.id, build.uuid, build.job, job.name, build.platform, build.start_d, build.start_ps, build.console
                    FROM build
                    JOIN job ON job.id = build.job
                    WHERE build.id IN ({SqlValues.List})
                    """,
                    static row => new Candidate(
                        row.BuildId(0),
                        row.JobId(2),
                        row.Text(3),
                        row.Text(4),
                        new SeenBuild(row.Uuid(1), row.Timestamp(5)),
                        row.Text(7)
                    ),
                    cancellationToken,
                    parameters
                )
            );
        return [.. found.Where(one => job is null || one.Job == job).OrderByDescending(static one => one.Id.Value)];
    }

    private static Task<bool> HasLaterAsync(DatabaseSession session, Candidate candidate, CancellationToken cancellationToken) =>
        session.AnyAsync(
            """
            SELECT 1 FROM build
            WHERE build.job = @job AND build.platform = @platform AND (build.start_d, build.start_ps) > (@d, @ps)
            LIMIT 1
            """,
            cancellationToken,
            ("@job", candidate.JobId),
            ("@platform", candidate.Platform),
            ("@d", candidate.Build.Started.Days),
            ("@ps", candidate.Build.Started.PicosecondsOfDay)
        );

    private sealed record Candidate(BuildId Id, JobId JobId, string Job, string Platform, SeenBuild Build, string Console);

    /// <summary>What was found so far.</summary>
    private sealed class Search(ConsoleLimits limits, string? job)
    {
        private readonly List<(Candidate Build, ConsoleHit Hit, bool IsLatest)> found = [];
        private readonly Dictionary<(string Job, string Platform), int> others = [];
        private long bytes;

        public bool IsFull => found.Count >= limits.Places || bytes >= limits.Bytes;

        /// <summary>One console of a job and platform is enough, unless only one job is asked for.</summary>
        public bool IsKnown(Candidate candidate)
        {
            if (job is not null || !others.TryGetValue((candidate.Job, candidate.Platform), out var count))
                return false;
            others[(candidate.Job, candidate.Platform)] = count + 1;
            return true;
        }

        public void Opened(long length) => bytes += length;

        public void Add(Candidate candidate, ConsoleHit hit, bool isLatest)
        {
            found.Add((candidate, hit, isLatest));
            others.TryAdd((candidate.Job, candidate.Platform), 0);
        }

        public IReadOnlyList<ConsolePlace> Places() =>
            [
                .. found.Select(one => new ConsolePlace(
                    one.Build.Job,
                    one.Build.Platform,
                    one.Build.Build,
                    one.Hit,
                    one.IsLatest,
                    others[(one.Build.Job, one.Build.Platform)]
                )),
            ];
    }
}
