using System.Diagnostics;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Tracing;

/// <summary>
/// What the server tells of builds in traces. Spans that outlive a restart are told when they end, from what the lease says. Nothing is done and kept as
/// long as nobody listens.
/// </summary>
internal sealed class BuildSpans(TimeProvider clock)
{
    private readonly SpanOrigins origins = new();

    /// <summary>A client wants these jobs to run: their next builds refer to its span.</summary>
    public void Asked(ActivityContext client, IEnumerable<JobName> jobs)
    {
        if (!BuildTrace.IsOn)
            return;
        foreach (var job in jobs)
            origins.Add(job, client);
    }

    /// <summary>The client's request does not make these jobs run.</summary>
    public void Withdrawn(ActivityContext client, IEnumerable<JobName> jobs)
    {
        foreach (var job in jobs)
            origins.Remove(job, client);
    }

    /// <summary>A worker gets the job: it waits no more.</summary>
    /// <param name="isOfOnePlatform">The job is for this platform alone.</param>
    /// <returns>The lease with the spans that it comes from.</returns>
    public Lease Leased(Lease lease, bool isOfOnePlatform)
    {
        if (!BuildTrace.IsOn)
            return lease;
        if (lease.Queued is { } queued)
            Describe(BuildTrace.Start(lease.Uuid, BuildSpan.Queue, started: queued), lease).EndAt(lease.Started);
        return lease with { Origins = origins.Take(lease.Name, lease.Platform, isOfOnePlatform) };
    }

    /// <summary>Begins to take the result in.</summary>
    public static Activity? Spool(Lease lease) => BuildTrace.Start(lease.Uuid, BuildSpan.Spool);

    /// <summary>The build has its result.</summary>
    /// <param name="result">Null where an earlier run of the server took it in.</param>
    public void Ended(Lease lease, ExecutionResult? result)
    {
        if (BuildTrace.IsOn)
            End(lease, result is null ? null : WordOf(result), result is null or ExecutionResult.Exited(0) ? null : $"{result}");
    }

    /// <summary>There will be no build of this uuid. Where the job is queued again, its next build refers to this one.</summary>
    public void Lost(Lease lease, string reason)
    {
        if (!BuildTrace.IsOn)
            return;
        End(lease, "error", reason);
        origins.Add(lease.Name, BuildTrace.ContextOf(lease.Uuid, BuildSpan.Build));
    }

    /// <summary>Begins one attempt to bring a build to the site.</summary>
    public static Activity? Upload(SpooledBuild build) =>
        BuildTrace.IsOn
            ? BuildTrace
                .Start("upload", BuildTrace.ContextOf(build.Uuid, BuildSpan.Build), ActivityKind.Client)
                .Describe(build.Uuid, build.Name, build.Platform)
            : null;

    /// <summary>Begins to carry out what a client asked for, as a part of that client's trace.</summary>
    public static Activity? Request(ActivityContext? client, string what) =>
        client is { } span ? BuildTrace.Start(what, span, ActivityKind.Server) : null;

    private void End(Lease lease, string? word, string? problem)
    {
        var now = Timestamp.Now(clock);
        var run = Describe(BuildTrace.Start(lease.Uuid, BuildSpan.Run, started: lease.Started), lease);
        run?.SetTag("builder.isolation", lease.Isolation?.Name);
        var links = lease.Origins.Select(static origin => new ActivityLink(origin));
        var build = Describe(BuildTrace.Start(lease.Uuid, BuildSpan.Build, started: lease.Queued ?? lease.Started, links: links), lease);
        build?.SetTag("cicd.pipeline.result", word);
        if (problem is not null)
        {
            run.Fail(problem);
            build.Fail(problem);
        }
        run.EndAt(now);
        build.EndAt(now);
    }

    private static Activity? Describe(Activity? span, Lease lease) =>
        span.Describe(lease.Uuid, lease.Name, lease.Platform)
            ?.SetTag("cicd.worker.name", lease.Worker)
            .SetTag("builder.attempt", lease.Attempt)
            .SetTag("builder.repeats", lease.Repetition?.Repeats.ToString());

    /// <summary>As the conventions for CI/CD name results.</summary>
    private static string WordOf(ExecutionResult result) =>
        result switch
        {
            ExecutionResult.Exited(0) => "success",
            ExecutionResult.Message(var text) when text.ToString() == "timeout" => "timeout",
            ExecutionResult.Message(var text) when text.ToString() == "cancelled" => "cancellation",
            ExecutionResult.Message => "error",
            _ => "failure",
        };
}
