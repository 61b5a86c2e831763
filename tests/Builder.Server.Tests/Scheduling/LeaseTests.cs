using Builder.Protocol.Values;
using static Builder.Server.Tests.Scheduling.SchedulerFixture;

namespace Builder.Server.Tests.Scheduling;

public sealed class LeaseTests
{
    private readonly SchedulerFixture farm = new(maxAttempts: 3);

    [Fact]
    public void A_job_of_a_lost_worker_is_requeued_at_the_front()
    {
        farm.Schedule("a");
        farm.Schedule("b");
        var lease = farm.Take()!;

        Assert.True(farm.Scheduler.Return(lease.Uuid, isWorkersLoss: true));

        Assert.Equal(["a", "b"], farm.Queue());
        var again = farm.Take()!;
        Assert.Equal("a", again.Name.Value);
        Assert.Equal(2, again.Attempt);
        Assert.NotEqual(lease.Uuid, again.Uuid);
    }

    [Fact]
    public void A_job_that_keeps_losing_its_workers_is_given_up()
    {
        farm.Schedule("killer");
        for (var attempt = 1; attempt < 3; attempt++)
            Assert.True(farm.Scheduler.Return(farm.Take()!.Uuid, isWorkersLoss: true));
        var last = farm.Take()!;

        Assert.False(farm.Scheduler.Return(last.Uuid, isWorkersLoss: true));

        Assert.Contains(last.Uuid, farm.Scheduler.State.Leases.Keys);
        farm.Record(last, spooled: false);
        Assert.Empty(farm.Scheduler.State.Leases);
        Assert.Empty(farm.Queue());
    }

    [Fact]
    public void A_restart_of_the_server_does_not_count_as_an_attempt()
    {
        farm.Schedule("patient");
        for (var restart = 0; restart < 10; restart++)
            Assert.True(farm.Scheduler.Return(farm.Take()!.Uuid, isWorkersLoss: false));

        Assert.Equal(1, farm.Take()!.Attempt);
    }

    [Fact]
    public void Attempts_are_counted_anew_when_the_job_is_due_again()
    {
        farm.Schedule("a", Period.Hourly);
        farm.Scheduler.Return(farm.Take()!.Uuid, isWorkersLoss: true);
        farm.Record(farm.Take()!, spooled: false);

        farm.Clock.Advance(TimeSpan.FromHours(1));
        farm.Scheduler.Tick(farm.Now);

        Assert.Equal(1, farm.Take()!.Attempt);
    }

    [Fact]
    public void A_job_is_never_run_twice_at_once_on_one_platform()
    {
        farm.Schedule("a");
        farm.Schedule("b");
        var first = farm.Take()!;
        farm.Scheduler.Execute(Text("a"), null, farm.Now);

        Assert.Equal("b", farm.Take()!.Name.Value);
        Assert.Null(farm.Take());
        Assert.Equal(["a"], farm.Queue());
        farm.Record(first, spooled: false);
        Assert.Equal("a", farm.Take()!.Name.Value);
    }

    [Fact]
    public void A_job_runs_at_once_on_two_platforms()
    {
        farm.Templates.Known.UnionWith([Debian, FreeBsd]);
        farm.ScheduleOrb("orb");

        Assert.Equal("orb", farm.Take(Debian)!.Name.Value);
        Assert.Equal("orb", farm.Take(FreeBsd)!.Name.Value);
    }

    [Fact]
    public void A_job_unscheduled_while_it_ran_is_not_queued_again_but_recorded()
    {
        farm.Schedule("a");
        var lease = farm.Take()!;
        farm.Scheduler.Unschedule(Text("a"));

        Assert.False(farm.Scheduler.Return(lease.Uuid, isWorkersLoss: true));
        Assert.Empty(farm.Queue());
    }

    [Fact]
    public void A_finished_build_stands_in_the_spool_until_it_is_uploaded()
    {
        farm.Schedule("a");
        var lease = farm.Take()!;

        farm.Record(lease, spooled: true);
        Assert.Equal(lease.Uuid, Assert.Single(farm.Scheduler.State.Spool.Values).Uuid);
        farm.Scheduler.Uploaded(lease.Uuid);

        Assert.Empty(farm.Scheduler.State.Spool);
    }
}
