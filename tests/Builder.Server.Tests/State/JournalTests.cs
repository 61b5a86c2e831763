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

    private Journal Open(List<SchedulerEvent> read) => Journal.Open(directory.Path, read.Add, TimeProvider.System, NullLogger.Instance);

    private static List<SchedulerEvent> SomeEvents(int count)
    {
        var farm = new SchedulerFixture();
        for (var i = 0; farm.Events.Count < count; i++)
            farm.Schedule($"job-{i}");
        return farm.Events[..count];
    }
}
