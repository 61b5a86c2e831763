using System.Globalization;
using Builder.Protocol.Messages;
using Builder.Protocol.Text;
using Builder.Protocol.Values;

namespace Builder.Cli.Client;

/// <summary>
/// A server's state for people: what runs, what waits, what comes when. With names of usual length it fits into 80 columns; longer ones are
/// not cut, as they are there to be copied.
/// </summary>
internal static class InfoTable
{
    /// <param name="workers">Null where the server does not tell.</param>
    /// <param name="repetitions">Null where the server does not tell.</param>
    public static void Write(
        TextWriter text,
        ServerInfo info,
        IReadOnlyList<KnownWorker>? workers,
        IReadOnlyList<GoneWorker>? gone,
        IReadOnlyList<KnownRepetition>? repetitions,
        Timestamp now,
        TimeZoneInfo zone
    )
    {
        Table(
            text,
            "Running",
            ["JOB", "PLATFORM", "BUILD", "FOR"],
            info.Running.Select(running =>
                (string[])
                    [
                        VisibleText.Line(running.Job.Name),
                        VisibleText.Line(running.Job.Platform),
                        running.Uuid.ToString(),
                        Span(now - running.Started),
                    ]
            )
        );
        foreach (var queue in info.Queues)
        {
            Table(
                text,
                $"Queue of {VisibleText.Line(queue.Platform)}: {queue.Jobs.Count.ToString(CultureInfo.InvariantCulture)} waiting",
                ["", "JOB", "KIND"],
                queue.Jobs.Select(
                    (job, place) => (string[])[(place + 1).ToString(CultureInfo.InvariantCulture), VisibleText.Line(job.Name), Kind(job)]
                )
            );
        }
        if (repetitions is { Count: > 0 })
        {
            Table(
                text,
                "Repetitions, behind the queues",
                ["JOB", "PLATFORM", "REPEATS", "VARIES", "STATE"],
                repetitions.Select(repetition =>
                    (string[])
                        [
                            VisibleText.Line(repetition.Job),
                            VisibleText.Line(repetition.Platform),
                            VisibleText.Line(repetition.Repeats),
                            repetition.Vary.Length == 0 ? "nothing" : VisibleText.Line(repetition.Vary),
                            (repetition.Build is { } build ? $"runs as {VisibleText.Line(build)}" : "waiting")
                                + (repetition.IsBisection ? ", bisection" : ""),
                        ]
                )
            );
        }
        Table(
            text,
            "Schedule (local times)",
            ["JOB", "KIND", "PERIOD", "NEXT", "IN"],
            info.Schedule.OrderBy(item => item.Next)
                .Select(item =>
                    (string[])
                        [
                            VisibleText.Line(item.Job.Name),
                            Kind(item.Job),
                            item.Period.ToString().ToLowerInvariant(),
                            item.Next >= Timestamp.Never ? "when asked for" : Local(item.Next, zone),
                            item.Next >= Timestamp.Never ? "" : Span(item.Next - now),
                        ]
                )
        );
        if (workers is not null)
        {
            Table(
                text,
                "Workers",
                ["WORKER", "PLATFORM", "JOB", "SEEN", "VERSION", "ISOLATION"],
                workers.Select(worker =>
                    (string[])
                        [
                            VisibleText.Line(worker.Name),
                            VisibleText.Line(worker.Platform),
                            (worker.Job is { } job ? VisibleText.Line(job) : "waiting") + (worker.IsDrained ? " (drained)" : ""),
                            worker.LastSeen is { } seen ? Ago(now, seen) : "",
                            VisibleText.Line(worker.Version ?? ""),
                            Isolation(worker.Isolation),
                        ]
                )
            );
        }
        if (gone is { Count: > 0 })
        {
            Table(
                text,
                "Workers that are gone",
                ["WORKER", "PLATFORM", "SEEN", "VERSION"],
                gone.Select(worker =>
                    (string[])
                        [
                            VisibleText.Line(worker.Name),
                            VisibleText.Line(worker.Platform),
                            Ago(now, worker.LastSeen),
                            VisibleText.Line(worker.Version ?? ""),
                        ]
                )
            );
        }
        if (info.DroppedPlatforms.Count > 0)
            text.Write($"Dropped platforms: {string.Join(", ", info.DroppedPlatforms.Select(VisibleText.Line))}\n");
    }

    /// <summary>Two units at most: <c>3 d 4 h</c>, <c>12 min</c>, <c>9 s ago</c>.</summary>
    internal static string Span(TimeSpan span)
    {
        if (span < TimeSpan.Zero)
            return $"{Span(span.Negate())} ago";
        if (span.TotalDays >= 1)
            return string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} d {span.Hours} h");
        if (span.TotalHours >= 1)
            return string.Create(CultureInfo.InvariantCulture, $"{span.Hours} h {span.Minutes} min");
        return span.TotalMinutes >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min")
            : string.Create(CultureInfo.InvariantCulture, $"{span.Seconds} s");
    }

    /// <summary>The clock of the server may be ahead of this one.</summary>
    private static string Ago(Timestamp now, DateTimeOffset time) =>
        now - Timestamp.From(time) is var span && span > TimeSpan.Zero ? $"{Span(span)} ago" : "now";

    private static string Isolation(IsolationTier? tier) =>
        tier is null
            ? "unknown: start the worker with --extended"
            : VisibleText.Line(tier.Reason.Length == 0 ? tier.Name : $"{tier.Name}: {tier.Reason}");

    private static string Local(Timestamp time, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time.ToDateTimeOffset(), zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Kind(Job job) =>
        job switch
        {
            ScriptJob script => $"script for {VisibleText.Line(script.Platform)}",
            OrbBuildJob orb => $"opam package {VisibleText.Line(orb.OpamPackage)}",
            _ => "",
        };

    /// <summary>Goes through the rows twice rather than keep them: there can be very many.</summary>
    private static void Table(TextWriter text, string title, string[] head, IEnumerable<string[]> rows)
    {
        text.Write($"{title}\n");
        var widths = Array.ConvertAll(head, cell => cell.Length);
        var isEmpty = true;
        foreach (var row in rows)
        {
            isEmpty = false;
            for (var column = 0; column < row.Length; column++)
                widths[column] = Math.Max(widths[column], row[column].Length);
        }
        if (isEmpty)
        {
            text.Write("  none\n\n");
            return;
        }
        foreach (var row in rows.Prepend(head))
            text.Write($"  {string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()}\n");
        text.Write('\n');
    }
}
