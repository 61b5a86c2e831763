using System.Buffers;
using System.Buffers.Binary;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;
using Builder.Server.State;
using Builder.Server.Tests.Scheduling;
using Builder.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Server.Tests.State;

public sealed class JournalTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    [Fact]
    public async Task What_was_appended_is_there_after_a_restart()
    {
        var events = SomeEvents(100);
        await using (var journal = Open([]))
        {
            Assert.True(journal.IsNew);
            foreach (var change in events)
                journal.Append(change);
            await journal.Durable();
        }

        var read = new List<SchedulerEvent>();
        await using var again = Open(read);

        Assert.Equal(events, read);
        Assert.False(again.IsNew);
    }

    [Fact]
    public async Task A_record_half_written_when_the_power_went_is_cut_off_wherever_it_ends()
    {
        var events = SomeEvents(5);
        await using (var journal = Open([]))
        {
            foreach (var change in events)
                journal.Append(change);
            await journal.Durable();
        }
        var log = Assert.Single(Directory.GetFiles(directory.Path));
        var whole = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        for (var length = whole.Length - 1; length >= 0; length -= 7)
        {
            await File.WriteAllBytesAsync(log, whole[..length], TestContext.Current.CancellationToken);
            var read = new List<SchedulerEvent>();
            await using (var journal = Open(read))
            {
                journal.Append(new SchedulerEvent.JobUnscheduled(JobName.Parse("after")));
                await journal.Durable();
            }
            Assert.Equal(events.Take(read.Count), read);
            var readAgain = new List<SchedulerEvent>();
            await using var again = Open(readAgain);
            Assert.Equal(read.Count + 1, readAgain.Count);
        }
    }

    [Fact]
    public async Task Zeros_after_the_last_record_are_room_that_was_taken_ahead()
    {
        var events = SomeEvents(5);
        var whole = await WriteAsync(events);
        await File.WriteAllBytesAsync(Log, [.. whole, .. new byte[1 << 20]], TestContext.Current.CancellationToken);

        Assert.Equal(events, await ReadAsync());

        var after = await File.ReadAllBytesAsync(Log, TestContext.Current.CancellationToken);
        Assert.Equal(whole, after[..whole.Length]);
        Assert.True(after.Length < whole.Length + 100, "the room was not given back");
        Assert.Equal([Log], Directory.GetFiles(directory.Path));
    }

    [Fact]
    public async Task A_record_half_written_into_such_room_is_cut_off_wherever_it_ends()
    {
        var events = SomeEvents(5);
        var whole = await WriteAsync(events);
        for (var length = whole.Length - 1; length >= 0; length -= 7)
        {
            var torn = new byte[1 << 20];
            whole.AsSpan(0, length).CopyTo(torn);
            await File.WriteAllBytesAsync(Log, torn, TestContext.Current.CancellationToken);
            var read = new List<SchedulerEvent>();
            await using (var journal = Open(read))
            {
                journal.Append(new SchedulerEvent.JobUnscheduled(JobName.Parse("after")));
                await journal.Durable();
            }
            Assert.Equal(events.Take(read.Count), read);
            Assert.Equal([.. read, new SchedulerEvent.JobUnscheduled(JobName.Parse("after"))], await ReadAsync());
        }
    }

    /// <summary>Sectors of one write may reach the disk in any order: what stands behind a gap was never acknowledged, and must not come back.</summary>
    [Fact]
    public async Task Whole_records_behind_a_sector_that_never_reached_the_disk_are_cut_off()
    {
        var events = SomeEvents(60);
        long first;
        using (var log = LogFile.Begin(Log, new JournalFileHeader(1, 1, 0)))
        {
            Append(log, events[..2], salt: 1);
            first = log.End;
            // One write, which the journal makes of all that comes while it is busy.
            var rest = new ArrayBufferWriter<byte>();
            foreach (var change in events[2..])
                JournalRecord.Write(rest, new ArrayBufferWriter<byte>(), change, 1, first + rest.WrittenCount, first);
            log.Append(rest.WrittenSpan);
        }
        var torn = await File.ReadAllBytesAsync(Log, TestContext.Current.CancellationToken);
        torn.AsSpan(1024, 512).Clear();
        await File.WriteAllBytesAsync(Log, torn, TestContext.Current.CancellationToken);

        var read = await ReadAsync();

        Assert.True(first < 1024, $"{first}");
        Assert.InRange(read.Count, 2, events.Count - 10);
        Assert.Equal(events[..read.Count], read);
        Assert.True(File.Exists(Log + ".torn"));
    }

    [Fact]
    public async Task Such_a_sector_before_a_later_write_is_damage()
    {
        var events = SomeEvents(60);
        await using (var journal = Open([]))
        {
            await AppendAsync(journal, events[..58]);
            await AppendAsync(journal, events[58..]);
            File.Copy(Log, directory["killed"]);
        }
        var damaged = await File.ReadAllBytesAsync(directory["killed"], TestContext.Current.CancellationToken);
        damaged.AsSpan(1024, 512).Clear();
        await File.WriteAllBytesAsync(Log, damaged, TestContext.Current.CancellationToken);

        Assert.Contains(
            $"{Log} is damaged at byte ",
            Assert.Throws<InvalidDataException>(() => Open([])).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(damaged, await File.ReadAllBytesAsync(Log, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_log_that_is_not_the_last_may_have_room_but_neither_damage_nor_a_missing_end()
    {
        var events = SomeEvents(4);
        long end;
        using (var first = LogFile.Begin(Log, new JournalFileHeader(1, 1, 0)))
        {
            Append(first, events[..2], salt: 1);
            end = first.End;
        }
        using (var second = LogFile.Begin(directory["log-0000000002"], new JournalFileHeader(2, 2, end)))
            Append(second, events[2..], salt: 2);
        var whole = await File.ReadAllBytesAsync(Log, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Log, [.. whole, .. new byte[4096]], TestContext.Current.CancellationToken);
        Assert.Equal(events, Replay());

        foreach (
            var damaged in (byte[][])
                [
                    [.. whole, 1, .. new byte[4096]],
                    whole[..^1],
                    whole[..(int)LengthOfFirstRecord(whole)],
                ]
        )
        {
            await File.WriteAllBytesAsync(Log, damaged, TestContext.Current.CancellationToken);
            Assert.Contains(Log, Assert.Throws<InvalidDataException>(() => Open([])).Message, StringComparison.Ordinal);
        }
        File.Delete(Log);
        Assert.Contains(Log, Assert.Throws<InvalidDataException>(() => Open([])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_whose_head_was_cut_off_is_begun_anew_after_the_one_before()
    {
        var events = SomeEvents(4);
        long end;
        using (var first = LogFile.Begin(Log, new JournalFileHeader(1, 1, 0)))
        {
            Append(first, events[..3], salt: 1);
            end = first.End;
        }
        await File.WriteAllBytesAsync(
            directory["log-0000000002"],
            new JournalFileHeader(2, 2, end).Encode()[..20],
            TestContext.Current.CancellationToken
        );
        await using (var journal = Open([]))
            await AppendAsync(journal, events[3..]);
        Assert.Equal(events, await ReadAsync());
    }

    [Fact]
    public async Task A_journal_of_the_first_version_goes_on_in_a_log_of_its_own()
    {
        await File.WriteAllBytesAsync(
            Log,
            [.. Vectors.Read("journal/first-version.log"), .. new byte[4096]],
            TestContext.Current.CancellationToken
        );
        var state = new SchedulerState();
        await using (var journal = DirectoryJournal.Open(directory.Path, state.Apply, TimeProvider.System, NullLogger.Instance))
            await AppendAsync(journal, [new SchedulerEvent.JobUnscheduled(JobName.Parse("b"))]);
        Assert.Equal(["a", "b", "d"], state.Jobs.Keys.Select(name => name.Value).Order());
        Assert.Equal(new JobOptions(2, TimeSpan.FromMinutes(90), "me", "30 4 * * *"), state.Jobs[JobName.Parse("a")].Options);
        Assert.True(state.Dropped.ContainsKey(Platform.Parse("p2")));

        var again = new SchedulerState();
        await using var reopened = DirectoryJournal.Open(directory.Path, again.Apply, TimeProvider.System, NullLogger.Instance);
        Assert.Equal(["a", "d"], again.Jobs.Keys.Select(name => name.Value).Order());
        Assert.Equal(["log-0000000001", "log-0000000002"], Directory.GetFiles(directory.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_journal_of_the_second_version_goes_on_in_a_log_of_its_own()
    {
        await File.WriteAllBytesAsync(Log, Vectors.Read("journal/second-version.log"), TestContext.Current.CancellationToken);
        var state = new SchedulerState();
        await using (var journal = DirectoryJournal.Open(directory.Path, state.Apply, TimeProvider.System, NullLogger.Instance))
            await AppendAsync(journal, [new SchedulerEvent.JobUnscheduled(JobName.Parse("hello"))]);
        Assert.Equal(["hello", "nightly"], state.Jobs.Keys.Select(name => name.Value).Order());
        var limits = new JobLimits { MaxMemoryBytes = 2L << 30, MaxProcesses = 500 };
        Assert.Equal(
            new JobOptions(-3, TimeSpan.FromMinutes(90), "dns team", "30 3 * * 1-5", limits),
            state.Jobs[JobName.Parse("nightly")].Options
        );

        var again = new SchedulerState();
        await using var reopened = DirectoryJournal.Open(directory.Path, again.Apply, TimeProvider.System, NullLogger.Instance);
        Assert.Equal(["nightly"], again.Jobs.Keys.Select(name => name.Value));
        Assert.Equal(["log-0000000001", "log-0000000002"], Directory.GetFiles(directory.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_first_version_that_is_damaged_before_its_last_record_stops_the_start()
    {
        var whole = Vectors.Read("journal/first-version.log");
        for (var place = 0; place < 887; place++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[place] ^= (byte)(1 << (place % 8));
            await File.WriteAllBytesAsync(Log, damaged, TestContext.Current.CancellationToken);
            var error = Assert.Throws<InvalidDataException>(() => Replay());
            Assert.Contains($"{Log} is damaged at byte ", error.Message, StringComparison.Ordinal);
        }
        for (var place = 887; place < whole.Length; place++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[place] ^= (byte)(1 << (place % 8));
            await File.WriteAllBytesAsync(Log, damaged, TestContext.Current.CancellationToken);
            Assert.Equal(14, Replay().Count);
        }
    }

    [Fact]
    public async Task A_snapshot_takes_the_place_of_what_came_before_it()
    {
        await using (var journal = Open([]))
        {
            foreach (var change in SomeEvents(50))
                journal.Append(change);
            journal.BeginSnapshot(SomeEvents(2));
            journal.Append(new SchedulerEvent.JobUnscheduled(JobName.Parse("later")));
            await journal.Durable();
        }

        var read = new List<SchedulerEvent>();
        await using var again = Open(read);

        Assert.Equal([.. SomeEvents(2), new SchedulerEvent.JobUnscheduled(JobName.Parse("later"))], read);
        Assert.Equal(["log-0000000002", "snapshot-0000000002"], Directory.GetFiles(directory.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_damaged_snapshot_stops_the_start_and_is_named()
    {
        await using (var journal = Open([]))
        {
            journal.Append(SomeEvents(1)[0]);
            journal.BeginSnapshot(SomeEvents(20));
        }
        var snapshot = directory["snapshot-0000000002"];
        var bytes = await File.ReadAllBytesAsync(snapshot, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(snapshot, bytes, TestContext.Current.CancellationToken);

        var error = Assert.Throws<InvalidDataException>(() => Open([]));

        Assert.Contains(snapshot, error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => directory.Dispose();

    private string Log => directory["log-0000000001"];

    /// <summary>The log of these events, after a stop in order.</summary>
    private async Task<byte[]> WriteAsync(IReadOnlyList<SchedulerEvent> events)
    {
        await using (var journal = Open([]))
        {
            foreach (var change in events)
                journal.Append(change);
            await journal.Durable();
        }
        return await File.ReadAllBytesAsync(Log, TestContext.Current.CancellationToken);
    }

    private static async Task AppendAsync(DirectoryJournal journal, IEnumerable<SchedulerEvent> events)
    {
        foreach (var change in events)
            journal.Append(change);
        await journal.Durable();
    }

    private static void Append(LogFile log, IEnumerable<SchedulerEvent> events, ulong salt)
    {
        foreach (var change in events)
        {
            var record = new ArrayBufferWriter<byte>();
            JournalRecord.Write(record, new ArrayBufferWriter<byte>(), change, salt, log.End, log.End);
            log.Append(record.WrittenSpan);
        }
    }

    private static long LengthOfFirstRecord(byte[] log) =>
        JournalFileHeader.Size + JournalRecord.HeaderSize + BinaryPrimitives.ReadInt32LittleEndian(log.AsSpan(JournalFileHeader.Size));

    private List<SchedulerEvent> Replay()
    {
        var read = new List<SchedulerEvent>();
        new JournalReplay(new JournalFiles(directory.Path), read.Add, NullLogger.Instance).Run();
        return read;
    }

    private async Task<List<SchedulerEvent>> ReadAsync()
    {
        var read = new List<SchedulerEvent>();
        await using var journal = Open(read);
        return read;
    }

    private DirectoryJournal Open(List<SchedulerEvent> read) =>
        DirectoryJournal.Open(directory.Path, read.Add, TimeProvider.System, NullLogger.Instance);

    private static List<SchedulerEvent> SomeEvents(int count)
    {
        var farm = new SchedulerFixture();
        for (var i = 0; farm.Events.Count < count; i++)
            farm.Schedule($"job-{i}");
        return farm.Events[..count];
    }
}
