using Builder.Protocol;
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

        Assert.Equal(whole, await File.ReadAllBytesAsync(Log, TestContext.Current.CancellationToken));
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
    public async Task Whole_records_behind_a_gap_are_cut_off()
    {
        var events = SomeEvents(6);
        var first = await WriteAsync(events[..2]);
        File.Delete(Log);
        var whole = await WriteAsync(events);
        whole.AsSpan(first.Length, 16).Clear();
        await File.WriteAllBytesAsync(Log, [.. whole, .. new byte[5000]], TestContext.Current.CancellationToken);

        await using (var journal = Open([]))
        {
            journal.Append(events[2]);
            await journal.Durable();
        }

        Assert.Equal(events[..3], await ReadAsync());
        Assert.Equal(whole.Length - first.Length, new FileInfo(Log + ".torn").Length);
    }

    [Fact]
    public async Task A_log_that_is_not_the_last_may_have_room_but_no_damage()
    {
        var events = SomeEvents(3);
        await WriteAsync(events[..2]);
        File.Move(Log, directory["kept"]);
        await WriteAsync(events[2..]);
        File.Move(Log, directory["log-0000000002"]);
        var first = await File.ReadAllBytesAsync(directory["kept"], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Log, [.. first, .. new byte[4096]], TestContext.Current.CancellationToken);
        Assert.Equal(events, await ReadAsync());

        await File.WriteAllBytesAsync(Log, [.. first, 1, .. new byte[4096]], TestContext.Current.CancellationToken);
        Assert.Contains(Log, Assert.Throws<InvalidDataException>(() => Open([])).Message, StringComparison.Ordinal);
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

    private async Task<List<SchedulerEvent>> ReadAsync()
    {
        var read = new List<SchedulerEvent>();
        await using var journal = Open(read);
        return read;
    }

    private Journal Open(List<SchedulerEvent> read) => Journal.Open(directory.Path, read.Add, TimeProvider.System, NullLogger.Instance);

    private static List<SchedulerEvent> SomeEvents(int count)
    {
        var farm = new SchedulerFixture();
        for (var i = 0; farm.Events.Count < count; i++)
            farm.Schedule($"job-{i}");
        return farm.Events[..count];
    }
}
