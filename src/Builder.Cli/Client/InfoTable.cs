using System.Globalization;
using System.Text;
using Builder.Protocol;

namespace Builder.Cli.Client;

/// <summary>A server's state for people: what runs, what waits, what comes when.</summary>
internal static class InfoTable
{
    public static string Of(ServerInfo info, Timestamp now, TimeZoneInfo zone)
    {
        var text = new StringBuilder();
        Table(text, "Running", ["JOB", "PLATFORM", "BUILD", "SINCE", "FOR"], info.Running.Select(running => (string[])
        [
            Printable.Of(running.Job.Name), Printable.Of(running.Job.Platform), running.Uuid.ToString(),
            Local(running.Started, zone), Span(now - running.Started),
        ]));
        foreach (var queue in info.Queues)
        {
            Table(
                text,
                $"Queue of {Printable.Of(queue.Platform)}: {queue.Jobs.Count.ToString(CultureInfo.InvariantCulture)} waiting",
                ["", "JOB", "KIND"],
                queue.Jobs.Select((job, place) => (string[])[(place + 1).ToString(CultureInfo.InvariantCulture), Printable.Of(job.Name), Kind(job)]));
        }
        Table(text, "Schedule", ["JOB", "KIND", "PERIOD", "NEXT", "IN"], info.Schedule.OrderBy(item => item.Next).Select(item => (string[])
        [
            Printable.Of(item.Job.Name), Kind(item.Job), item.Period.ToString().ToLowerInvariant(),
            item.Next >= Timestamp.Never ? "when asked for" : Local(item.Next, zone),
            item.Next >= Timestamp.Never ? "" : Span(item.Next - now),
        ]));
        if (info.DroppedPlatforms.Count > 0)
            text.Append("Dropped platforms: ").AppendJoin(", ", info.DroppedPlatforms.Select(Printable.Of)).Append('\n');
        return text.ToString();
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

    private static string Local(Timestamp time, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time.ToDateTimeOffset(), zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private static string Kind(Job job) => job switch
    {
        ScriptJob script => $"script for {Printable.Of(script.Platform)}",
        OrbBuildJob orb => $"opam package {Printable.Of(orb.OpamPackage)}",
        _ => "",
    };

    private static void Table(StringBuilder text, string title, string[] head, IEnumerable<string[]> rows)
    {
        var all = rows.Prepend(head).ToArray();
        text.Append(title).Append('\n');
        if (all.Length == 1)
        {
            text.Append("  none\n\n");
            return;
        }
        var widths = head.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
            text.Append("  ").Append(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()).Append('\n');
        text.Append('\n');
    }
}
