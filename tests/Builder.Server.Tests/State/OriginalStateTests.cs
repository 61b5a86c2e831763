using Builder.Protocol.Messages;
using Builder.Protocol.StateFiles;
using Builder.Protocol.Values;
using Builder.Server.Options;
using Builder.Server.State;
using Builder.Server.Tests.Scheduling;
using Builder.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Server.Tests.State;

public sealed class OriginalStateTests
{
    [Fact]
    public void The_originals_state_is_taken_over_and_written_back_the_same()
    {
        var farm = new SchedulerFixture();

        OriginalState.Read(
            Vectors.PathOf("full/state-live"),
            farm.Scheduler,
            isFirstStart: true,
            isNewer: false,
            StateChoice.Ask,
            farm.Clock,
            NullLogger.Instance
        );

        Assert.Equal(["aa", "bb", "oo"], farm.Scheduler.State.Jobs.Keys.Select(name => name.Value).Order());
        Assert.Equal(["oo"], farm.Queue(Platform.Parse("p1")));
        Assert.Contains(Platform.Parse("p3"), farm.Scheduler.State.Dropped.Keys);
        Assert.Equal(Vectors.Read("full/state-live"), StateFile.Encode(OriginalState.Of(farm.Scheduler.State)));
    }

    [Fact]
    public void What_cannot_be_taken_over_is_named()
    {
        var farm = new SchedulerFixture();
        StateItem[] items =
        [
            new StateItem.Schedule(new ScheduleItem(farm.Now, Period.Daily, SchedulerFixture.Script("a/b"))),
            new StateItem.Schedule(new ScheduleItem(farm.Now, Period.Daily, SchedulerFixture.Script("good"))),
            new StateItem.Schedule(new ScheduleItem(farm.Now, Period.Weekly, SchedulerFixture.Script("good"))),
            new StateItem.Queue(
                new PlatformQueue(
                    SchedulerFixture.Text("debian-12"),
                    [SchedulerFixture.Script("bsd", "freebsd-14.1"), SchedulerFixture.Script("good")]
                )
            ),
            new StateItem.Legacy(SchedulerFixture.Script("old")),
        ];

        var problems = farm.Scheduler.Import(items, farm.Now);

        Assert.Equal(4, problems.Count);
        Assert.Equal(["good"], farm.Queue());
        Assert.Equal(["bsd"], farm.Queue(SchedulerFixture.FreeBsd));
        Assert.Equal(Period.Daily, farm.Job("good").Period);
    }

    [Fact]
    public void A_job_that_runs_is_exported_as_queued_in_front()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a");
        farm.Schedule("b");
        farm.Take();

        var queue = OriginalState.Of(farm.Scheduler.State).OfType<StateItem.Queue>().Single().Items;

        Assert.Equal(["a", "b"], queue.Jobs.Select(job => job.Name.ToString()));
    }

    [Fact]
    public void A_file_that_is_no_state_file_stops_the_start()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["state"], "not DER");
        var farm = new SchedulerFixture();

        var error = Assert.Throws<InvalidDataException>(() =>
            OriginalState.Read(
                directory["state"],
                farm.Scheduler,
                isFirstStart: true,
                isNewer: false,
                StateChoice.Ask,
                farm.Clock,
                NullLogger.Instance
            )
        );

        Assert.Contains("move it away", error.Message, StringComparison.Ordinal);
    }
}
