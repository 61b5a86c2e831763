using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Options;
using Builder.Server.Scheduling;

namespace Builder.Server.Tests.Scheduling;

public sealed class RepetitionTests
{
    private static readonly Sha256Digest Output = Sha256Digest.Of("output"u8);
    private static readonly Sha256Digest Other = Sha256Digest.Of("another output"u8);

    private static readonly JobOptions Varied = JobOptions.Default with
    {
        Rebuild = new RebuildPolicy(1, VariationNames.All, Bisect: true),
    };

    [Fact]
    public void A_good_build_is_repeated_once_nothing_fresh_waits_and_by_another_worker()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a", options: Varied);
        var first = Take(farm, "one")!;
        farm.Record(first, spooled: false, new Outcome(Output, 42));
        farm.Schedule("b");

        Assert.Equal("b", Take(farm, "two", "one", "two")!.Name.Value);
        Assert.Null(Take(farm, "one", "one", "two"));
        var repetition = Take(farm, "two", "one", "two")!;

        Assert.Equal(first.Uuid, repetition.Repetition!.Repeats);
        Assert.Equal(42, repetition.Repetition.Date);
        Assert.Equal(first.Job, repetition.Job);
        Assert.Equal(VariationNames.All, repetition.Repetition.Wanted);
    }

    [Fact]
    public void The_only_worker_repeats_its_own_build()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a", options: Varied);
        farm.Record(Take(farm, "one")!, spooled: false, new Outcome(Output));

        Assert.NotNull(Take(farm, "one", "one")!.Repetition);
    }

    [Fact]
    public void A_failed_build_and_one_whose_job_asks_for_nothing_are_not_repeated()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a", options: Varied);
        farm.Record(Take(farm, "one")!, spooled: false, Outcome.None);
        farm.Schedule("b");
        farm.Record(Take(farm, "one")!, spooled: false, new Outcome(Output));

        Assert.Null(Take(farm, "one"));
        Assert.Empty(farm.Scheduler.State.GoodBuilds);
    }

    [Fact]
    public void Repetitions_never_take_more_than_their_share_of_the_workers()
    {
        var farm = new SchedulerFixture();
        string[] workers = ["one", "two", "three", "four"];
        foreach (var name in (string[])["a", "b", "c"])
        {
            farm.Schedule(name, options: Varied);
            farm.Record(Take(farm, "one")!, spooled: false, new Outcome(Output));
        }

        Assert.NotNull(Take(farm, "two", workers));
        Assert.NotNull(Take(farm, "three", workers));
        Assert.Null(Take(farm, "four", workers));
    }

    [Fact]
    public void A_fresh_build_of_a_job_does_not_wait_for_a_repetition_of_it()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a", options: Varied);
        farm.Record(Take(farm, "one")!, spooled: false, new Outcome(Output));
        Assert.NotNull(Take(farm, "two", "one", "two")!.Repetition);

        farm.Scheduler.Execute(ByteString.FromUtf8("a"), null, farm.Now);

        Assert.Null(Take(farm, "one", "one", "two")!.Repetition);
    }

    [Fact]
    public void A_lost_worker_does_not_lose_the_repetition()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a", options: Varied);
        farm.Record(Take(farm, "one")!, spooled: false, new Outcome(Output));
        var lost = Take(farm, "two")!;

        Assert.True(farm.Scheduler.Return(lost.Uuid, isWorkersLoss: true));

        var again = Take(farm, "three")!;
        Assert.Equal(lost.Repetition!.Repeats, again.Repetition!.Repeats);
        Assert.Equal(2, again.Attempt);
    }

    [Fact]
    public void A_worker_of_the_original_repeats_without_variations_and_the_header_says_so()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a", options: Varied);
        farm.Record(Take(farm, "one")!, spooled: false, new Outcome(Output));
        var repetition = Take(farm, "10.0.0.7:1234")!;

        var header = RepetitionPlan.After(repetition, new Outcome(Output), farm.Now, new RebuildOptions()).Header!;

        Assert.Equal(("10.0.0.7", "one", Variations.None), (header.Worker, header.FirstWorker, header.Variations.Made));
        Assert.Equal(VariationNames.All, header.Variations.Missing.Aggregate(Variations.None, (set, one) => set | one.Variation));
        Assert.True(RepetitionHeader.TryRead(header.Write(), out var read));
        Assert.Equal(header, read);
    }

    [Theory]
    [InlineData("time")]
    [InlineData("path")]
    [InlineData("hostname")]
    [InlineData("user")]
    [InlineData("locale")]
    [InlineData("timezone")]
    [InlineData("umask")]
    [InlineData("cpus")]
    [InlineData("fileorder")]
    [InlineData("kernel")]
    [InlineData("not-varied")]
    public void A_bisection_finds_the_variation_that_matters_in_few_builds(string cause)
    {
        var (builds, finding) = Bisect(made => cause == "not-varied" || VariationNames.Of(made).Contains(cause));

        Assert.Equal(cause, finding?.Write());
        Assert.InRange(builds, 3, cause is "kernel" or "not-varied" ? 5 : 4);
    }

    [Fact]
    public void A_bisection_whose_worker_cannot_vary_as_asked_ends_without_an_answer()
    {
        var bisection = Bisection.Begin(VariationNames.All);

        Assert.Equal(BisectionFinding.Open, bisection.After(true, Variations.Umask).Finding);
        Assert.Equal(BisectionFinding.Open, bisection.After(null, bisection.Tested).Finding);
    }

    [Fact]
    public void A_monthly_recheck_queues_the_last_good_build_again_after_thirty_days()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a", Period.Never, options: JobOptions.Default with { Rebuild = new RebuildPolicy(Recheck: Recheck.Monthly) });
        var first = Take(farm, "one")!;
        farm.Record(first, spooled: false, new Outcome(Output));
        Assert.Null(Take(farm, "one"));

        farm.Clock.Advance(TimeSpan.FromDays(29));
        Assert.Equal(0, farm.Scheduler.Tick(farm.Now));
        farm.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, farm.Scheduler.Tick(farm.Now));

        Assert.Equal(first.Uuid, Take(farm, "one")!.Repetition!.Repeats);
        farm.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, farm.Scheduler.Tick(farm.Now));
    }

    [Fact]
    public void A_newer_build_takes_the_place_of_an_older_one_that_waits_to_be_repeated()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a", options: Varied);
        farm.Record(Take(farm, "one")!, spooled: false, new Outcome(Output));
        farm.Clock.Advance(TimeSpan.FromHours(1));
        farm.Scheduler.Execute(ByteString.FromUtf8("a"), null, farm.Now);
        var newer = Take(farm, "one")!;
        farm.Record(newer, spooled: false, new Outcome(Other));

        Assert.Equal(newer.Uuid, Take(farm, "two")!.Repetition!.Repeats);
        Assert.Null(Take(farm, "three"));
    }

    [Fact]
    public void An_unscheduled_job_takes_its_repetitions_along()
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a", options: Varied);
        farm.Record(Take(farm, "one")!, spooled: false, new Outcome(Output));

        farm.Scheduler.Unschedule(ByteString.FromUtf8("a"));

        Assert.Null(Take(farm, "two"));
        Assert.Empty(farm.Scheduler.State.Repeated());
    }

    [Fact]
    public void A_repetition_by_hand_comes_before_the_others()
    {
        var farm = new SchedulerFixture();
        foreach (var name in (string[])["a", "b"])
        {
            farm.Schedule(name, options: Varied);
            farm.Record(Take(farm, "one")!, spooled: false, new Outcome(Output));
        }

        Assert.Null(farm.Scheduler.Repeat(ByteString.FromUtf8("b"), null, Variations.Time, farm.Now));

        var first = Take(farm, "two")!;
        Assert.Equal(("b", Variations.Time), (first.Name.Value, first.Repetition!.Wanted));
        Assert.Contains("job not found", farm.Scheduler.Repeat(ByteString.FromUtf8("c"), null, null, farm.Now), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name (127.0.0.1:4242)", "name")]
    [InlineData("127.0.0.1:4242", "127.0.0.1")]
    [InlineData("[::1]:4242", "::1")]
    [InlineData("name (of a place)", "name (of a place)")]
    public void A_worker_is_known_by_its_name_or_its_address(string worker, string name) => Assert.Equal(name, WorkerNames.Stable(worker));

    private static Lease? Take(SchedulerFixture farm, string worker, params string[] connected) =>
        farm.Scheduler.Take(SchedulerFixture.Debian, worker, farm.Now, out _, null, Variations.None)
        ?? farm.Scheduler.TakeRepetition(
            SchedulerFixture.Debian,
            worker,
            farm.Now,
            null,
            VariationNames.All,
            [.. (connected.Length == 0 ? [worker] : connected).Select(name => new WorkerChoice(name, CanVary: true))]
        );

    /// <summary>How many builds come after the repetition that differs, and what is found.</summary>
    private static (int Builds, BisectionFinding? Finding) Bisect(Func<Variations, bool> differs)
    {
        var farm = new SchedulerFixture();
        farm.Schedule("a", options: Varied);
        farm.Record(Take(farm, "one")!, spooled: false, new Outcome(Output));
        for (var builds = 0; ; builds++)
        {
            var lease = Take(farm, "two")!;
            var wanted = lease.Repetition!.Wanted;
            var outcome = new Outcome(differs(wanted) ? Other : Output, Variations: new VariationReport(wanted, []));
            var plan = RepetitionPlan.After(lease, outcome, farm.Now, new RebuildOptions());
            farm.Record(lease, spooled: false, outcome);
            if (plan.Header!.Finding is { } finding)
                return (builds, finding);
        }
    }
}
