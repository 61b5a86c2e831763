using System.Diagnostics;
using Builder.Protocol.Values;

namespace Builder.Server.Tracing;

/// <summary>Which spans the next build of a job comes from, for as long as this process runs: a client's, or that of a build that a worker was lost with.</summary>
internal sealed class SpanOrigins
{
    /// <summary>Beyond that none are kept: a job that nobody builds must not fill the memory.</summary>
    private const int MaxJobs = 4096;

    private const int MaxSpansOfJob = 4;

    private readonly Lock gate = new();
    private readonly Dictionary<JobName, List<Origin>> origins = [];

    public void Add(JobName job, ActivityContext span)
    {
        lock (gate)
        {
            if (!origins.TryGetValue(job, out var spans))
            {
                if (origins.Count >= MaxJobs)
                    return;
                origins.Add(job, spans = []);
            }
            if (spans.Count >= MaxSpansOfJob)
                spans.RemoveAt(0);
            spans.Add(new Origin(span, []));
        }
    }

    public void Remove(JobName job, ActivityContext span)
    {
        lock (gate)
        {
            if (origins.TryGetValue(job, out var spans) && spans.RemoveAll(origin => origin.Span == span) > 0 && spans.Count == 0)
                origins.Remove(job);
        }
    }

    /// <summary>Those that the platform's next build comes from. A job may be built on several platforms, so they stay for the others.</summary>
    /// <param name="isLast">The job is for this platform alone.</param>
    public IReadOnlyList<ActivityContext> Take(JobName job, Platform platform, bool isLast)
    {
        lock (gate)
        {
            if (!origins.TryGetValue(job, out var spans))
                return [];
            if (isLast)
                origins.Remove(job);
            return [.. spans.Where(origin => origin.Taken.Add(platform)).Select(static origin => origin.Span)];
        }
    }

    /// <param name="Taken">Platforms that a build was begun on since.</param>
    private sealed record Origin(ActivityContext Span, HashSet<Platform> Taken);
}
