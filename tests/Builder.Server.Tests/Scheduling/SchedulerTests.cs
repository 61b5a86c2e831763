using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;
using static Builder.Server.Tests.Scheduling.SchedulerFixture;

namespace Builder.Server.Tests.Scheduling;

public sealed class SchedulerTests
{
    private readonly SchedulerFixture farm = new();

    [Fact]
    public void A_scheduled_job_is_queued_at_once_and_due_again_after_its_period()
    {
        Assert.Null(farm.Schedule("hello", Period.Hourly));

        Assert.Equal(["hello"], farm.Queue());
        Assert.Equal(farm.Now + TimeSpan.FromHours(1), farm.Job("hello").Next);
    }

    [Fact]
    public void A_name_is_scheduled_once()
    {
        farm.Schedule("hello");

        Assert.Equal("job name already used", farm.Schedule("hello", Period.Weekly));
        Assert.Equal(Period.Daily, farm.Job("hello").Period);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("_journal")]
    [InlineData("nul\0byte")]
    public void A_name_that_cannot_be_a_directory_is_refused(string name)
    {
        Assert.NotNull(farm.Schedule(name));
        Assert.Empty(farm.Events);
    }

    [Fact]
    public void Names_and_platforms_that_are_not_UTF8_are_refused()
    {
        var latin = new ByteString(new byte[] { (byte)'b', 0xfc });

        Assert.Contains(
            "UTF-8",
            farm.Scheduler.Schedule(Script("x") with { Name = latin }, Period.Daily, JobOptions.Default, farm.Now),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "UTF-8",
            farm.Scheduler.Schedule(Script("x") with { Platform = latin }, Period.Daily, JobOptions.Default, farm.Now),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_clock_queues_what_is_due_and_never_twice()
    {
        farm.Schedule("hourly", Period.Hourly);
        farm.Schedule("daily");
        farm.Take();
        farm.Take();
        Assert.Empty(farm.Queue());

        farm.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(0, farm.Scheduler.Tick(farm.Now));
        farm.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, farm.Scheduler.Tick(farm.Now));
        farm.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, farm.Scheduler.Tick(farm.Now));

        Assert.Equal(["hourly"], farm.Queue());
        Assert.Equal(farm.Now + TimeSpan.FromHours(1), farm.Job("hourly").Next);
    }

    [Fact]
    public void A_clock_that_is_set_back_and_forth_queues_nothing_twice()
    {
        farm.Schedule("hourly", Period.Hourly);
        farm.Take();
        var start = farm.Now;

        Assert.Equal(0, farm.Scheduler.Tick(start + TimeSpan.FromDays(-1)));
        Assert.Equal(1, farm.Scheduler.Tick(start + TimeSpan.FromDays(3)));
        Assert.Equal(0, farm.Scheduler.Tick(start));
        Assert.Equal(0, farm.Scheduler.Tick(start + TimeSpan.FromDays(3)));

        Assert.Equal(["hourly"], farm.Queue());
        Assert.Equal(start + TimeSpan.FromDays(3) + TimeSpan.FromHours(1), farm.Job("hourly").Next);
    }

    [Fact]
    public void What_was_planned_by_a_clock_that_was_years_ahead_is_planned_anew_when_it_is_set_right()
    {
        farm.Schedule("hourly", Period.Hourly);
        farm.Schedule("nightly", Period.Never, options: new JobOptions(Cron: "30 3 * * *"));
        farm.Schedule("set", Period.Daily);
        farm.Schedule("untouched", Period.Weekly);
        var start = farm.Now;
        var wrong = start + TimeSpan.FromDays(3650);
        var set = start + TimeSpan.FromDays(9000);
        Assert.Null(farm.Scheduler.Reschedule(Text("set"), set, null, start));
        Assert.Equal(0, farm.Scheduler.FollowClock(start));
        Assert.Equal(0, farm.Scheduler.FollowClock(wrong));
        Assert.Equal(3, farm.Scheduler.Tick(wrong));
        farm.Scheduler.Schedule(SchedulerFixture.Script("new"), Period.Daily, JobOptions.Default, wrong + TimeSpan.FromSeconds(30));

        Assert.Equal(4, farm.Scheduler.FollowClock(start));

        Assert.Equal(start + TimeSpan.FromHours(1), farm.Job("hourly").Next);
        Assert.Equal(Timestamp.From(new DateTimeOffset(2026, 11, 23, 3, 30, 0, TimeSpan.Zero)), farm.Job("nightly").Next);
        Assert.Equal(start + TimeSpan.FromDays(7), farm.Job("untouched").Next);
        Assert.Equal(start + TimeSpan.FromDays(1), farm.Job("new").Next);
        Assert.Equal(set, farm.Job("set").Next);
        Assert.Equal(0, farm.Scheduler.FollowClock(start));
        Assert.Equal(0, farm.Scheduler.Tick(start));
    }

    [Fact]
    public void A_clock_that_is_set_back_by_seconds_moves_nothing()
    {
        farm.Schedule("hourly", Period.Hourly);
        var next = farm.Job("hourly").Next;
        farm.Scheduler.FollowClock(farm.Now);

        Assert.Equal(0, farm.Scheduler.FollowClock(farm.Now + TimeSpan.FromSeconds(-30)));

        Assert.Equal(next, farm.Job("hourly").Next);
    }

    [Fact]
    public void A_job_that_is_never_due_is_built_when_it_is_scheduled_and_when_asked_for()
    {
        farm.Schedule("once", Period.Never);
        Assert.Equal(Timestamp.Never, farm.Job("once").Next);
        var lease = farm.Take();
        farm.Record(lease!, spooled: false);
        farm.Clock.Advance(TimeSpan.FromDays(400));
        farm.Scheduler.Tick(farm.Now);
        Assert.Empty(farm.Queue());

        Assert.Null(farm.Scheduler.Execute(Text("once"), null, farm.Now));
        Assert.Equal(["once"], farm.Queue());
    }

    [Fact]
    public void Reschedule_sets_exactly_the_given_time_keeps_the_period_and_queues_at_once()
    {
        farm.Schedule("hello", Period.Weekly);
        farm.Take();
        var next = farm.Now + TimeSpan.FromMinutes(7);

        Assert.Null(farm.Scheduler.Reschedule(Text("hello"), next, null, farm.Now));

        Assert.Equal(next, farm.Job("hello").Next);
        Assert.Equal(Period.Weekly, farm.Job("hello").Period);
        Assert.Equal(["hello"], farm.Queue());
        Assert.Equal(next, farm.Scheduler.NextDue);
    }

    [Fact]
    public void Reschedule_changes_the_period_where_one_is_given()
    {
        farm.Schedule("hello", Period.Weekly);

        Assert.Null(farm.Scheduler.Reschedule(Text("hello"), farm.Now, Period.Hourly, farm.Now));

        Assert.Equal(Period.Hourly, farm.Job("hello").Period);
        Assert.Contains("not found", farm.Scheduler.Reschedule(Text("nobody"), farm.Now, null, farm.Now), StringComparison.Ordinal);
    }

    [Fact]
    public void Unschedule_takes_a_job_from_schedule_and_every_queue()
    {
        farm.Take(FreeBsd);
        farm.Take(Debian);
        farm.ScheduleOrb("orb");
        Assert.Equal(["orb"], farm.Queue(FreeBsd));

        Assert.Null(farm.Scheduler.Unschedule(Text("orb")));

        Assert.Empty(farm.Queue(FreeBsd));
        Assert.Empty(farm.Queue(Debian));
        Assert.Empty(farm.Scheduler.State.Jobs);
        Assert.Contains("not found", farm.Scheduler.Unschedule(Text("orb")), StringComparison.Ordinal);
    }

    [Fact]
    public void Execute_moves_a_job_to_the_front_of_its_queue()
    {
        foreach (var name in (string[])["a", "b", "c"])
            farm.Schedule(name);

        Assert.Null(farm.Scheduler.Execute(Text("b"), null, farm.Now));
        Assert.Null(farm.Scheduler.Execute(Text("c"), Text("debian-12"), farm.Now));

        Assert.Equal(["c", "b", "a"], farm.Queue());
    }

    [Fact]
    public void Execute_says_why_not_in_the_words_of_the_original()
    {
        farm.Schedule("hello");

        Assert.Equal("execute failed: job not found", farm.Scheduler.Execute(Text("nope"), null, farm.Now));
        Assert.Equal(
            "execute failed: job is for a different platform: debian-12",
            farm.Scheduler.Execute(Text("hello"), Text("alpine"), farm.Now)
        );
    }

    [Fact]
    public void Execute_of_an_orb_build_job_goes_to_all_platforms_or_to_the_one_given()
    {
        farm.Take(Debian);
        farm.Take(FreeBsd);
        farm.ScheduleOrb("orb");
        farm.Schedule("script");
        farm.Scheduler.Execute(Text("script"), null, farm.Now);

        Assert.Null(farm.Scheduler.Execute(Text("orb"), Text("freebsd-14.1"), farm.Now));
        Assert.Equal(["script", "orb"], farm.Queue(Debian));
        Assert.Null(farm.Scheduler.Execute(Text("orb"), null, farm.Now));
        Assert.Equal(["orb", "script"], farm.Queue(Debian));
        Assert.Equal(["orb"], farm.Queue(FreeBsd));
    }

    [Fact]
    public void Execute_of_an_orb_build_job_does_not_say_success_where_no_platform_is_known()
    {
        farm.ScheduleOrb("orb");

        Assert.Contains("no platform is known", farm.Scheduler.Execute(Text("orb"), null, farm.Now), StringComparison.Ordinal);
        Assert.Contains("not known", farm.Scheduler.Execute(Text("orb"), Text("alpine"), farm.Now), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_platform_starts_with_every_job_that_fits()
    {
        farm.Templates.Known.Add(FreeBsd);
        farm.ScheduleOrb("orb");
        farm.Schedule("linux");

        farm.Scheduler.Welcome(FreeBsd, farm.Now);
        farm.Scheduler.Welcome(Platform.Parse("alpine"), farm.Now);

        Assert.Equal(["orb"], farm.Queue(FreeBsd));
        Assert.Empty(farm.Queue(Platform.Parse("alpine")));
        Assert.Equal(["linux"], farm.Queue(Debian));
    }

    [Fact]
    public void An_orb_build_job_becomes_a_script_job_through_the_template()
    {
        farm.Templates.Known.Add(Debian);
        farm.ScheduleOrb("orb");

        var lease = farm.Take()!;

        Assert.Equal(new ScriptJob(Text("orb"), Text("debian-12"), Text("orb orb.1.0")), lease.Job);
    }

    [Fact]
    public void An_orb_build_job_without_template_is_reported_kept_and_holds_up_nobody()
    {
        farm.Take();
        farm.ScheduleOrb("orb");
        farm.Schedule("script");

        var first = farm.Scheduler.Take(Debian, "worker", farm.Now, out var blocked);

        Assert.Equal("script", first!.Name.Value);
        Assert.Equal("orb", Assert.Single(blocked).Value);
        Assert.Equal(["orb"], farm.Queue());
        Assert.Null(farm.Take());
        farm.Templates.Known.Add(Debian);
        Assert.Equal("orb", farm.Take()!.Name.Value);
    }

    [Fact]
    public void Cron_takes_the_place_of_the_period()
    {
        farm.Schedule("nightly", Period.Never, options: new JobOptions(Cron: "30 3 * * *"));
        Assert.Equal(Timestamp.From(new DateTimeOffset(2026, 11, 23, 3, 30, 0, TimeSpan.Zero)), farm.Job("nightly").Next);
        farm.Take();

        farm.Clock.SetUtcNow(new DateTimeOffset(2026, 11, 23, 3, 30, 0, TimeSpan.Zero));
        farm.Scheduler.Tick(farm.Now);

        Assert.Equal(Timestamp.From(new DateTimeOffset(2026, 11, 24, 3, 30, 0, TimeSpan.Zero)), farm.Job("nightly").Next);
        Assert.NotNull(farm.Schedule("bad", options: new JobOptions(Cron: "every night")));
    }

    [Fact]
    public void Put_changes_only_what_differs()
    {
        farm.Schedule("a", Period.Weekly);
        farm.Take();
        farm.Clock.Advance(TimeSpan.FromHours(1));
        var next = farm.Job("a").Next;

        Assert.Null(farm.Scheduler.Put(Script("a"), Period.Weekly, JobOptions.Default, farm.Now, out var same));
        var longer = Script("a") with { Script = Text("echo longer") };
        Assert.Null(farm.Scheduler.Put(longer, Period.Weekly, JobOptions.Default, farm.Now, out var changed));

        Assert.False(same);
        Assert.True(changed);
        Assert.Equal(longer, farm.Job("a").Job);
        Assert.Equal(next, farm.Job("a").Next);
        Assert.Empty(farm.Queue());
    }

    [Fact]
    public void Put_of_a_job_for_another_platform_leaves_nothing_in_the_old_queue()
    {
        farm.Schedule("a");

        farm.Scheduler.Put(Script("a", "freebsd-14.1"), Period.Daily, JobOptions.Default, farm.Now, out _);

        Assert.Empty(farm.Queue(Debian));
        Assert.Equal(["a"], farm.Queue(FreeBsd));
    }
}
