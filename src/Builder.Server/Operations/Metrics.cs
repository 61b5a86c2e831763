using System.Globalization;
using System.Text;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Operations;

/// <summary>Counts what happens; the rest is looked up when it is asked for. Text for Prometheus.</summary>
internal sealed class Metrics
{
    private static readonly double[] LatencyBuckets = [0.001, 0.01, 0.1, 1, 10, 60, 600];

    private readonly Lock gate = new();
    private readonly Dictionary<(string Platform, string Result), long> results = [];
    private readonly long[] latencies = new long[LatencyBuckets.Length + 1];
    private double latencySum;
    private long leaseLosses;
    private long uploads;
    private long failedUploads;

    public void Recorded(Platform platform, ExecutionResult result)
    {
        var kind = result switch
        {
            ExecutionResult.Exited(0) => "success",
            ExecutionResult.Exited => "failure",
            ExecutionResult.Signalled or ExecutionResult.Stopped => "signal",
            _ => "aborted",
        };
        lock (gate)
            results[(platform.Value, kind)] = results.GetValueOrDefault((platform.Value, kind)) + 1;
    }

    public void LeaseLost() => Interlocked.Increment(ref leaseLosses);

    public void Uploaded() => Interlocked.Increment(ref uploads);

    public void UploadFailed() => Interlocked.Increment(ref failedUploads);

    /// <param name="latency">From the moment when both a job and a worker were there.</param>
    public void Dispatched(TimeSpan latency)
    {
        var bucket = Array.FindIndex(LatencyBuckets, limit => latency.TotalSeconds <= limit);
        lock (gate)
        {
            latencies[bucket < 0 ? LatencyBuckets.Length : bucket]++;
            latencySum += latency.TotalSeconds;
        }
    }

    public string Text(
        SchedulerState state,
        Timestamp now,
        IReadOnlyDictionary<Platform, int> waitingWorkers,
        int connections,
        long frameMemory,
        bool journalIsWell,
        int awaited = 0
    )
    {
        var text = new StringBuilder();
        Head("builder_queue_length", "gauge", "Jobs that wait for a worker.");
        foreach (var queue in state.Queues.Values)
            Line("builder_queue_length", $"platform=\"{Label(queue.Platform.Value)}\"", queue.Count);
        Head("builder_queue_blocked", "gauge", "Orb build jobs that wait for a template.");
        foreach (var queue in state.Queues.Values)
            Line("builder_queue_blocked", $"platform=\"{Label(queue.Platform.Value)}\"", queue.WithoutTemplate.Count);
        Head("builder_queue_oldest_seconds", "gauge", "How long the head of the queue has waited.");
        foreach (var queue in state.Queues.Values)
            Line(
                "builder_queue_oldest_seconds",
                $"platform=\"{Label(queue.Platform.Value)}\"",
                queue.HeadSince is { } since ? Math.Max(0, (now - since).TotalSeconds) : 0
            );
        Head("builder_waiting_workers", "gauge", "Workers that wait for a job.");
        foreach (var (platform, count) in waitingWorkers)
            Line("builder_waiting_workers", $"platform=\"{Label(platform.Value)}\"", count);
        Head("builder_running", "gauge", "Builds in the hands of workers.");
        foreach (var group in state.Leases.Values.GroupBy(lease => lease.Platform))
            Line("builder_running", $"platform=\"{Label(group.Key.Value)}\"", group.Count());
        Single("builder_awaited", "gauge", "Builds whose workers have not come back since the server was started.", awaited);
        Single("builder_repetitions_waiting", "gauge", "Repetitions of builds that wait for a worker.", state.Repetitions.Count);
        Single("builder_scheduled_jobs", "gauge", "Jobs in the schedule.", state.Jobs.Count);
        Single("builder_spool", "gauge", "Finished builds that wait for their upload.", state.Spool.Count);
        Single("builder_connections", "gauge", "Open connections.", connections);
        Single(
            "builder_frame_memory_bytes",
            "gauge",
            "Memory for messages that have not come in whole, and for larger buffers of connections.",
            frameMemory
        );
        Single("builder_journal_up", "gauge", "1 when the journal can be written.", journalIsWell ? 1 : 0);
        lock (gate)
        {
            Head("builder_results_total", "counter", "Finished builds by result.");
            foreach (var ((platform, result), count) in results)
                Line("builder_results_total", $"platform=\"{Label(platform)}\",result=\"{result}\"", count);
            Head("builder_dispatch_seconds", "histogram", "From job and worker both being there to the hand-out.");
            long sum = 0;
            for (var i = 0; i < latencies.Length; i++)
            {
                sum += latencies[i];
                Line("builder_dispatch_seconds_bucket", $"le=\"{(i < LatencyBuckets.Length ? Number(LatencyBuckets[i]) : "+Inf")}\"", sum);
            }
            Line("builder_dispatch_seconds_sum", "", latencySum);
            Line("builder_dispatch_seconds_count", "", sum);
        }
        Single("builder_lease_losses_total", "counter", "Workers lost with a job.", Interlocked.Read(ref leaseLosses));
        Single("builder_uploads_total", "counter", "Builds uploaded.", Interlocked.Read(ref uploads));
        Single("builder_upload_failures_total", "counter", "Uploads that have to be tried again.", Interlocked.Read(ref failedUploads));
        return text.ToString();

        void Head(string name, string type, string help) =>
            text.Append("# HELP ")
                .Append(name)
                .Append(' ')
                .Append(help)
                .Append("\n# TYPE ")
                .Append(name)
                .Append(' ')
                .Append(type)
                .Append('\n');

        void Line(string name, string labels, double value) =>
            text.Append(name).Append(labels.Length == 0 ? "" : $"{{{labels}}}").Append(' ').Append(Number(value)).Append('\n');

        void Single(string name, string type, string help, double value)
        {
            Head(name, type, help);
            Line(name, "", value);
        }
    }

    /// <summary>Which of several servers this one is.</summary>
    public static string RoleText(bool isServing, long epoch) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            # HELP builder_server_serving 1 for the server that serves, 0 for a standby.
            # TYPE builder_server_serving gauge
            builder_server_serving {(isServing ? 1 : 0)}
            # HELP builder_server_epoch Epoch of the state that several servers share: one more with each takeover.
            # TYPE builder_server_epoch gauge
            builder_server_epoch {epoch}

            """
        );

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Label(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
