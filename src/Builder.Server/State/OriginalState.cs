using System.Globalization;
using System.Security.Cryptography;
using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.StateFiles;
using Builder.Protocol.Values;
using Builder.Server.Files;
using Builder.Server.Formats;
using Builder.Server.Logging;
using Builder.Server.Options;
using Builder.Server.Scheduling;
using Microsoft.Extensions.Logging;

namespace Builder.Server.State;

/// <summary>The original server's state file: taken over at the first start, written on request, never changed otherwise.</summary>
internal static class OriginalState
{
    private const long MaxFileSize = 1L << 30;
    private const int MaxDifferences = 40;

    /// <summary>Reads the file at the first start, and takes notice where it was changed since.</summary>
    /// <param name="isNewer">Whether the file was written after the journal; counts where the journal does not know any state file.</param>
    /// <exception cref="InvalidDataException">
    /// The file is not a state file, and to start without it would lose the schedule; or it was changed, and the operator has to choose.
    /// </exception>
    public static void Read(
        string path,
        Scheduler scheduler,
        bool isFirstStart,
        bool isNewer,
        StateChoice choice,
        TimeProvider clock,
        ILogger logger
    )
    {
        if (!File.Exists(path))
            return;
        var bytes = ReadBounded(path);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (!isFirstStart && (scheduler.State.StateFile is { } seen ? seen == sha256 : !isNewer))
        {
            if (scheduler.State.StateFile is null)
                scheduler.SeeStateFile(sha256);
            return;
        }
        var items = Decode(path, bytes);
        if (isFirstStart)
            Tell(scheduler.Import(items, Timestamp.Now(clock)), logger);
        else
            Choose(path, items, scheduler, choice, clock, logger);
        scheduler.SeeStateFile(sha256);
        if (isFirstStart)
            logger.StateFileRead(path, scheduler.State.Jobs.Count);
    }

    private static void Choose(
        string path,
        IReadOnlyList<StateItem> items,
        Scheduler scheduler,
        StateChoice choice,
        TimeProvider clock,
        ILogger logger
    )
    {
        var differences = StateDifferences.Between(scheduler.State, items);
        if (differences.Count == 0)
            return;
        switch (choice)
        {
            case StateChoice.Journal:
                logger.StateFilePassedOver(path, differences.Count);
                break;
            case StateChoice.Original:
                Tell(scheduler.Replace(items, Timestamp.Now(clock)), logger);
                logger.StateFileRead(path, scheduler.State.Jobs.Count);
                break;
            default:
                var shown = differences.Take(MaxDifferences).Select(line => $"\n  {line}");
                var more = differences.Count > MaxDifferences ? $"\n  and {differences.Count - MaxDifferences} more" : "";
                throw new InvalidDataException(
                    $"{path} was changed since this server last read or wrote it: a server of the original ran there. Start with --state=journal to go on "
                        + $"with the journal, or with --state=original to take the schedule of the file. They differ:{string.Concat(shown)}{more}"
                );
        }
    }

    private static void Tell(IReadOnlyList<string> problems, ILogger logger)
    {
        foreach (var problem in problems)
            logger.StateFileProblem(problem);
    }

    private static byte[] ReadBounded(string path) =>
        new FileInfo(path).Length > MaxFileSize
            ? throw new InvalidDataException($"{path} is longer than {MaxFileSize} bytes")
            : File.ReadAllBytes(path);

    private static IReadOnlyList<StateItem> Decode(string path, byte[] bytes)
    {
        try
        {
            return StateFile.Decode(bytes);
        }
        catch (ProtocolException exception)
        {
            throw new InvalidDataException($"{path} is not a state file: {exception.Message}; move it away to start without it", exception);
        }
    }

    /// <summary>What the original's state file has no place for, in lines for an operator who goes back to it.</summary>
    public static IReadOnlyList<string> Losses(SchedulerState state)
    {
        var lines = new List<string>();
        foreach (var job in state.InOrder().Select(job => job).OrderBy(job => job.Name))
        {
            if (job.Options.Cron is { } cron)
                lines.Add(
                    $"job {job.Name}: cron \"{cron}\" is not kept; it has the period never, and is due once more at {Rfc3339.Of(job.Next)}"
                );
            if (job.Options.Priority != 0)
                lines.Add($"job {job.Name}: priority {job.Options.Priority} is not kept");
            if (job.Options.TimeLimit is { } limit)
                lines.Add($"job {job.Name}: time limit {limit} is not kept");
            if (job.Options.Owner.Length > 0)
                lines.Add($"job {job.Name}: owner {job.Options.Owner} is not kept");
            if (job.Options.Limits is not null)
                lines.Add($"job {job.Name}: its limits are not kept");
            if (job.Options.Expected.All.Count > 0)
                lines.Add($"job {job.Name}: its expected differences are not kept");
            if (job.Options.Budget is not null)
                lines.Add($"job {job.Name}: its budget is not kept");
            if (job.Options.Publish is not null)
                lines.Add($"job {job.Name}: its rule for publication is not kept");
            if (job.Options.Rebuild != RebuildPolicy.Default)
                lines.Add($"job {job.Name}: how its builds are repeated is not kept");
        }
        foreach (var platform in state.Dropped.Values)
            lines.AddRange(
                platform
                    .Jobs.Keys.Order()
                    .Select(name => $"job {name} is left out: its platform {platform.Platform} is dropped; the journal keeps it")
            );
        if (state.Repetitions.Count > 0)
            lines.Add($"{state.Repetitions.Count} repetitions that wait are not kept");
        if (state.Spool.Count > 0)
            lines.Add($"{state.Spool.Count} builds that wait for upload stay in their directories; the original does not upload them");
        return lines;
    }

    /// <summary>What an original server would have: what runs is queued in front, what is suspended is not there.</summary>
    public static IReadOnlyList<StateItem> Of(SchedulerState state)
    {
        var items = new List<StateItem>();
        items.AddRange(state.Dropped.Keys.Select(platform => new StateItem.DroppedPlatform(platform.Bytes)));
        items.AddRange(
            state.InOrder().Select(job => new StateItem.Schedule(new ScheduleItem(job.Next, job.Period, job.Job)), lastFirst: true)
        );
        foreach (var queue in state.Queues.Values)
        {
            var running = state
                .Leases.Values.Where(lease =>
                    lease.Repetition is null
                    && lease.Platform == queue.Platform
                    && state.Jobs.ContainsKey(lease.Name)
                    && !queue.Contains(lease.Name)
                )
                .Select(lease => state.Jobs[lease.Name].Job);
            var waiting = queue.InOrder().Select(entry => entry.Job);
            items.Add(new StateItem.Queue(new PlatformQueue(queue.Platform.Bytes, [.. running, .. waiting])));
        }
        return items;
    }

    /// <summary>Writes the file; one that is replaced is kept beside it.</summary>
    /// <returns>The SHA-256 of what was written, and where the file before is kept, if there was another one.</returns>
    public static (string Sha256, string? Kept) Write(string path, SchedulerState state, TimeProvider clock)
    {
        var bytes = StateFile.Encode(Of(state));
        string? kept = null;
        if (File.Exists(path) && !File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
        {
            var time = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
            kept = Path.Combine(Path.GetDirectoryName(path)!, $"_state-{time}");
            for (var number = 2; File.Exists(kept); number++)
                kept = Path.Combine(Path.GetDirectoryName(path)!, $"_state-{time}-{number}");
            File.Copy(path, kept);
            File.SetUnixFileMode(kept, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        DurableFiles.Replace(path, stream => stream.Write(bytes));
        return (Convert.ToHexStringLower(SHA256.HashData(bytes)), kept);
    }
}
