using Builder.Protocol.Messages;
using Builder.Protocol.StateFiles;
using Builder.Protocol.Values;
using Builder.Server.Formats;
using Builder.Server.Scheduling;

namespace Builder.Server.State;

/// <summary>How a state file of the original differs from the journal's state, in lines for an operator.</summary>
internal static class StateDifferences
{
    public static IReadOnlyList<string> Between(SchedulerState state, IReadOnlyList<StateItem> file)
    {
        var lines = new List<string>();
        var journal = OriginalState.Of(state);
        var ours = Jobs(journal);
        var theirs = Jobs(file);
        foreach (var (name, item) in theirs.Where(pair => !ours.ContainsKey(pair.Key)))
            lines.Add($"job {name}: only in the state file ({Describe(item)})");
        foreach (var (name, item) in ours.Where(pair => !theirs.ContainsKey(pair.Key)))
            lines.Add($"job {name}: only in the journal ({Describe(item)})");
        foreach (var (name, item) in ours.Where(pair => theirs.TryGetValue(pair.Key, out var other) && other != pair.Value))
            lines.Add($"job {name}: {Difference(item, theirs[name])}");
        Compare("dropped platform", Dropped(journal), Dropped(file), lines);
        Compare("in a queue:", Queued(journal), Queued(file), lines);
        return lines;
    }

    private static void Compare(string what, HashSet<string> ours, HashSet<string> theirs, List<string> lines)
    {
        lines.AddRange(theirs.Except(ours).Order(StringComparer.Ordinal).Select(item => $"{what} {item}: only in the state file"));
        lines.AddRange(ours.Except(theirs).Order(StringComparer.Ordinal).Select(item => $"{what} {item}: only in the journal"));
    }

    private static string Difference(ScheduleItem ours, ScheduleItem theirs) =>
        ours.Job == theirs.Job
            ? $"{Describe(theirs)} in the state file, {Describe(ours)} in the journal"
            : "another platform or script in the state file than in the journal";

    private static string Describe(ScheduleItem item) =>
        $"{item.Period.ToString().ToLowerInvariant()}, next {(item.Next >= Timestamp.Never ? "never" : Rfc3339.Of(item.Next))}";

    /// <summary>By name, as the file has it; bytes that are no UTF-8 are shown as such.</summary>
    private static SortedDictionary<string, ScheduleItem> Jobs(IEnumerable<StateItem> items)
    {
        var jobs = new SortedDictionary<string, ScheduleItem>(StringComparer.Ordinal);
        foreach (var item in items.OfType<StateItem.Schedule>())
            jobs.TryAdd(item.Item.Job.Name.ToString(), item.Item);
        return jobs;
    }

    private static HashSet<string> Dropped(IEnumerable<StateItem> items) =>
        [.. items.OfType<StateItem.DroppedPlatform>().Select(item => item.Platform.ToString())];

    private static HashSet<string> Queued(IEnumerable<StateItem> items) =>
        [.. items.OfType<StateItem.Queue>().SelectMany(queue => queue.Items.Jobs.Select(job => $"{job.Name} for {queue.Items.Platform}"))];
}
