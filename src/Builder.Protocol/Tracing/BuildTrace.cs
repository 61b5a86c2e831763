using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Builder.Protocol.Values;

namespace Builder.Protocol.Tracing;

/// <summary>
/// The trace of a build. Its id is the uuid of the build, and the ids of the spans that several processes know follow from it: nothing is kept or sent for
/// them, so they hold over restarts, and with programs of the original in between. Nothing here costs anything until somebody listens to the source.
/// </summary>
public static class BuildTrace
{
    /// <summary>The name of the source of all spans.</summary>
    public const string SourceName = "Builder";

    private const int MaxReasonLength = 300;

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether somebody listens.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>The 16 bytes of the uuid.</summary>
    public static ActivityTraceId IdOf(BuildUuid build)
    {
        Span<byte> bytes = stackalloc byte[BuildUuid.SizeInBytes];
        build.CopyTo(bytes);
        return ActivityTraceId.CreateFromBytes(bytes);
    }

    /// <summary>Where a span of the build stands: for what is below it, and for links to it.</summary>
    public static ActivityContext ContextOf(BuildUuid build, BuildSpan span) =>
        new(IdOf(build), SpanIdOf(build, span), ActivityTraceFlags.Recorded, isRemote: true);

    /// <summary>Starts one of the spans that other processes know. Each of them is there once a build.</summary>
    /// <param name="parent">Null for the span that it is below by nature.</param>
    /// <param name="started">Null for now.</param>
    /// <param name="links">Other traces that it comes from.</param>
    /// <returns>Null where nobody listens.</returns>
    public static Activity? Start(
        BuildUuid build,
        BuildSpan span,
        ActivityContext? parent = null,
        Timestamp? started = null,
        IEnumerable<ActivityLink>? links = null
    )
    {
        if (!IsOn)
            return null;
        var activity = Source.CreateActivity(NameOf(span), ActivityKind.Internal, parent ?? ParentOf(build, span), null, links);
        if (activity is null)
            return null;
        Begin(activity, started);
        IdField(activity) = SpanIdOf(build, span).ToHexString();
        return activity;
    }

    /// <summary>Starts a span that no other process refers to.</summary>
    /// <param name="parent">What it is below. With the id of a trace alone it is the first span of that trace.</param>
    /// <param name="started">Null for now.</param>
    /// <returns>Null where nobody listens.</returns>
    public static Activity? Start(
        string name,
        ActivityContext parent,
        ActivityKind kind = ActivityKind.Internal,
        Timestamp? started = null
    ) => IsOn && Source.CreateActivity(name, kind, parent) is { } activity ? Begin(activity, started) : null;

    /// <summary>Starts a part of a span.</summary>
    /// <returns>Null where there is no such span.</returns>
    public static Activity? StartPart(Activity? whole, string name, Timestamp? started = null) =>
        whole is null ? null : Start(name, whole.Context, started: started);

    /// <summary>Starts work that the site does with a stored build.</summary>
    /// <returns>Null where nobody listens.</returns>
    public static Activity? StartBackground(BuildUuid build, string name, Timestamp? started = null) =>
        IsOn ? Start(name, ContextOf(build, BuildSpan.Commit), started: started) : null;

    /// <summary>Names the build, as the conventions of OpenTelemetry for CI/CD say.</summary>
    public static Activity? Describe(this Activity? activity, BuildUuid build, JobName job, Platform platform) =>
        activity
            ?.SetTag("cicd.pipeline.name", job.Value)
            .SetTag("cicd.pipeline.run.id", build.ToString())
            .SetTag("builder.platform", platform.Value);

    /// <summary>Marks what did not succeed.</summary>
    public static void Fail(this Activity? activity, string reason) =>
        activity?.SetStatus(ActivityStatusCode.Error, reason.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason);

    /// <summary>Ends a span at a moment other than now.</summary>
    public static void EndAt(this Activity? activity, Timestamp time)
    {
        activity?.SetEndTime(time.ToDateTimeOffset().UtcDateTime);
        activity?.Stop();
    }

    private static Activity Begin(Activity activity, Timestamp? started)
    {
        if (started is { } time)
            activity.SetStartTime(time.ToDateTimeOffset().UtcDateTime);
        // The first span of a trace would take what happens to be current for its parent, such as a visitor's request.
        if (activity.ParentSpanId == default)
            Activity.Current = null;
        return activity.Start();
    }

    /// <summary>The root has the id of the trace, and no parent.</summary>
    private static ActivityContext ParentOf(BuildUuid build, BuildSpan span) =>
        span switch
        {
            BuildSpan.Build => new ActivityContext(IdOf(build), default, ActivityTraceFlags.Recorded),
            BuildSpan.Job or BuildSpan.Spool => ContextOf(build, BuildSpan.Run),
            _ => ContextOf(build, BuildSpan.Build),
        };

    private static string NameOf(BuildSpan span) =>
        span switch
        {
            BuildSpan.Build => "build",
            BuildSpan.Queue => "queue",
            BuildSpan.Run => "run",
            BuildSpan.Job => "job",
            BuildSpan.Spool => "spool",
            BuildSpan.Commit => "commit",
            _ => throw new ArgumentOutOfRangeException(nameof(span)),
        };

    /// <summary>The first 8 bytes of the SHA-256 of the uuid and the name: never zero in practice, which would mean none.</summary>
    private static ActivitySpanId SpanIdOf(BuildUuid build, BuildSpan span) =>
        ActivitySpanId.CreateFromBytes(SHA256.HashData(Encoding.UTF8.GetBytes($"{build} {NameOf(span)}")).AsSpan(0, 8));

    /// <summary>The class library draws the id at the start and offers no other way to choose it; the test of the ids fails if this field is renamed.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? IdField(Activity activity);
}
