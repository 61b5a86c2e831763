using Builder.Protocol.Values;
using static Builder.Server.Tests.Scheduling.SchedulerFixture;

namespace Builder.Server.Tests.Scheduling;

public sealed class DropTests
{
    private readonly SchedulerFixture farm = new();

    [Fact]
    public void A_dropped_platform_has_no_queue_and_its_script_jobs_leave_the_schedule()
    {
        farm.Schedule("linux");
        farm.Schedule("bsd", platform: "freebsd-14.1");
        farm.ScheduleOrb("orb");

        Assert.Null(farm.Scheduler.Drop(Text("debian-12"), farm.Now));
        farm.Scheduler.Welcome(Debian, farm.Now);

        Assert.Empty(farm.Queue(Debian));
        Assert.False(farm.Scheduler.State.Queues.ContainsKey(Debian));
        Assert.Equal(["bsd", "orb"], farm.Scheduler.State.Jobs.Keys.Select(name => name.Value).Order());
        Assert.Contains("dropped", farm.Schedule("other"), StringComparison.Ordinal);
        Assert.Contains("dropped", farm.Scheduler.Drop(Text("debian-12"), farm.Now), StringComparison.Ordinal);
        Assert.Contains("dropped", farm.Scheduler.Execute(Text("linux"), null, farm.Now), StringComparison.Ordinal);
    }

    [Fact]
    public void Undrop_restores_schedule_and_queue_as_they_were()
    {
        farm.Take(Debian);
        farm.Schedule("a", Period.Weekly);
        farm.Schedule("b");
        farm.ScheduleOrb("orb");
        farm.Scheduler.Execute(Text("b"), null, farm.Now);
        var next = farm.Job("a").Next;

        farm.Scheduler.Drop(Text("debian-12"), farm.Now);
        farm.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Null(farm.Scheduler.Undrop(Text("debian-12"), farm.Now, out var lost));

        Assert.Empty(lost);
        Assert.Equal(["b", "a", "orb"], farm.Queue());
        Assert.Equal(next, farm.Job("a").Next);
        Assert.Contains("not dropped", farm.Scheduler.Undrop(Text("debian-12"), farm.Now, out _), StringComparison.Ordinal);
    }

    [Fact]
    public void Orb_build_jobs_scheduled_meanwhile_are_queued_after_undrop()
    {
        farm.Take(Debian);
        farm.Scheduler.Drop(Text("debian-12"), farm.Now);
        farm.ScheduleOrb("orb", Period.Never);

        farm.Scheduler.Undrop(Text("debian-12"), farm.Now, out _);

        Assert.Equal(["orb"], farm.Queue());
    }

    [Fact]
    public void A_suspended_job_can_be_unscheduled()
    {
        farm.Schedule("a");
        farm.Scheduler.Drop(Text("debian-12"), farm.Now);

        Assert.Null(farm.Scheduler.Unschedule(Text("a")));
        farm.Scheduler.Undrop(Text("debian-12"), farm.Now, out _);

        Assert.Empty(farm.Scheduler.State.Jobs);
        Assert.Empty(farm.Queue());
    }

    [Fact]
    public void A_name_used_anew_while_its_job_was_suspended_keeps_its_new_meaning()
    {
        farm.Schedule("a");
        farm.Scheduler.Drop(Text("debian-12"), farm.Now);
        Assert.Null(farm.Schedule("a", platform: "freebsd-14.1"));

        farm.Scheduler.Undrop(Text("debian-12"), farm.Now, out var lost);

        Assert.Equal("a", Assert.Single(lost).Value);
        Assert.Equal(FreeBsd, farm.Job("a").Platform);
        Assert.Empty(farm.Queue(Debian));
        Assert.Equal(["a"], farm.Queue(FreeBsd));
    }

    [Fact]
    public void A_job_lost_on_a_dropped_platform_comes_back_in_front_after_undrop()
    {
        farm.Schedule("a");
        farm.Schedule("b");
        var lease = farm.Take()!;
        farm.Scheduler.Drop(Text("debian-12"), farm.Now);

        Assert.True(farm.Scheduler.Return(lease.Uuid, isWorkersLoss: true));
        farm.Scheduler.Undrop(Text("debian-12"), farm.Now, out _);

        Assert.Equal(["a", "b"], farm.Queue());
    }
}
