using System.Diagnostics;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Logging;
using Builder.Server.Scheduling;

namespace Builder.Server.Dispatch;

internal sealed partial class Dispatcher
{
    public Task<string?> ScheduleAsync(Job job, Period period, JobOptions? options = null) =>
        RequestAsync((scheduler, now) => scheduler.Schedule(job, period, options ?? JobOptions.Default, now));

    public async Task<string?> DropAsync(ByteString wanted)
    {
        var refusal = await RequestAsync((scheduler, now) => scheduler.Drop(wanted, now));
        if (refusal is null && Platform.TryParse(wanted, out var platform, out _))
            logger.Dropped(platform.Value, Dismiss(platform));
        return refusal;
    }

    public async Task<string?> UndropAsync(ByteString wanted)
    {
        IReadOnlyList<JobName> lost = [];
        var refusal = await RequestAsync((scheduler, now) => scheduler.Undrop(wanted, now, out lost));
        foreach (var name in lost)
            logger.NotRestored(wanted.ToString(), name);
        return refusal;
    }

    /// <summary>The worker gets no more jobs, now and after it or the server was started again; what it builds goes on.</summary>
    /// <param name="worker">As <see cref="WorkerNames.Stable"/> names it.</param>
    public Task<string?> DrainAsync(string worker) => RequestAsync((scheduler, _) => scheduler.Drain(worker));

    public Task<string?> UndrainAsync(string worker) => RequestAsync((scheduler, _) => scheduler.Undrain(worker));

    /// <summary>Carries out what a client asks for in one of its spans: builds of these jobs then come from that span.</summary>
    /// <param name="client">Null where the client does not trace.</param>
    /// <param name="request">Returns the reason of a refusal, or null when done.</param>
    public async Task<string?> AskedAsync(ActivityContext? client, IReadOnlyList<JobName> jobs, Func<Task<string?>> request)
    {
        if (client is not { } span)
            return await request();
        // A worker that waits gets the job before the request returns.
        Spans.Asked(span, jobs);
        var refusal = await request();
        if (refusal is not null)
            Spans.Withdrawn(span, jobs);
        return refusal;
    }

    /// <summary>Ends a running build; its result is the message <c>cancelled</c>.</summary>
    public string? Cancel(BuildUuid uuid)
    {
        if (FindRunning(uuid) is not { } build)
            return "uuid not found";
        build.Cancel();
        return null;
    }
}
