using System.Buffers;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;
using Builder.Server.State;
using Builder.Server.Tests.Scheduling;
using CsCheck;

namespace Builder.Server.Tests.State;

/// <summary>What the journal holds is the state: after any sequence of requests, replay and snapshot give it again.</summary>
public sealed class ReplayTests
{
    [Fact]
    public void Replaying_the_events_of_any_requests_gives_the_same_state() =>
        Gen.Int[0, 11]
            .Select(Gen.Int[0, 5], Gen.Int[0, 200])
            .Array[1, 80]
            .Sample(steps =>
            {
                var farm = After(steps);
                var replayed = new SchedulerState();
                foreach (var change in farm.Events)
                    replayed.Apply(RoundTrip(change));
                Assert.Equal(Describe(farm.Scheduler.State), Describe(replayed));
            });

    [Fact]
    public void A_snapshot_gives_the_same_state() =>
        Gen.Int[0, 11]
            .Select(Gen.Int[0, 5], Gen.Int[0, 200])
            .Array[1, 80]
            .Sample(steps =>
            {
                var farm = After(steps);
                var restored = new SchedulerState();
                foreach (var change in farm.Scheduler.State.ToEvents())
                    restored.Apply(RoundTrip(change));
                Assert.Equal(Describe(farm.Scheduler.State), Describe(restored));
            });

    internal static SchedulerFixture After((int Action, int Which, int Minutes)[] steps)
    {
        var farm = new SchedulerFixture();
        farm.Templates.Known.Add(SchedulerFixture.FreeBsd);
        var leases = new List<Lease>();
        foreach (var (action, which, minutes) in steps)
        {
            farm.Clock.Advance(TimeSpan.FromMinutes(minutes));
            var name = SchedulerFixture.Text($"job-{which}");
            var platform = which % 2 == 0 ? SchedulerFixture.Debian : SchedulerFixture.FreeBsd;
            switch (action)
            {
                case 0:
                    farm.Schedule(
                        $"job-{which}",
                        (Period)(minutes % 4),
                        platform.Value,
                        new JobOptions(minutes % 3, null, $"o{minutes % 2}") { Rebuild = Policy(minutes) }
                    );
                    break;
                case 1:
                    farm.ScheduleOrb($"orb-{which}", (Period)(minutes % 4));
                    break;
                case 2:
                    farm.Scheduler.Unschedule(name);
                    break;
                case 3:
                    farm.Scheduler.Reschedule(
                        name,
                        farm.Now + TimeSpan.FromMinutes(minutes),
                        minutes % 2 == 0 ? Period.Hourly : null,
                        farm.Now
                    );
                    break;
                case 4:
                    farm.Scheduler.Execute(which < 3 ? name : SchedulerFixture.Text($"orb-{which}"), null, farm.Now);
                    break;
                case 5:
                    farm.Scheduler.Drop(platform.Bytes, farm.Now);
                    break;
                case 6:
                    farm.Scheduler.Undrop(platform.Bytes, farm.Now, out _);
                    break;
                case 7:
                    farm.Scheduler.Tick(farm.Now);
                    break;
                case 8 or 9:
                    if ((farm.Take(platform) ?? TakeRepetition(farm, platform)) is { } taken)
                        leases.Add(taken);
                    break;
                case 10 when leases.Count > 0:
                    if (!farm.Scheduler.Return(leases[0].Uuid, minutes % 2 == 0))
                        farm.Record(leases[0], spooled: true);
                    leases.RemoveAt(0);
                    break;
                case 11 when leases.Count > 0:
                    farm.Record(
                        leases[^1],
                        minutes % 2 == 0,
                        new Outcome(
                            minutes % 5 == 0 ? null : Sha256Digest.Of([(byte)(minutes % 2)]),
                            minutes % 3 == 0 ? minutes : null,
                            new VariationReport(leases[^1].Repetition?.Wanted ?? Variations.None, [])
                        )
                    );
                    leases.RemoveAt(leases.Count - 1);
                    break;
            }
        }
        return farm;
    }

    private static RebuildPolicy Policy(int minutes) =>
        minutes % 2 == 0
            ? RebuildPolicy.Default
            : new RebuildPolicy(minutes % 4, VariationNames.All, minutes % 3 == 0, true, (Recheck)(minutes % 3));

    /// <summary>Without what is known for as long as a server runs.</summary>
    private static Lease Lasting(Lease lease) => lease with { Queued = null, Origins = [] };

    private static Lease? TakeRepetition(SchedulerFixture farm, Platform platform) =>
        farm.Scheduler.TakeRepetition(platform, "worker", farm.Now, null, null, [new WorkerChoice("worker", CanVary: false)]);

    private static SchedulerEvent RoundTrip(SchedulerEvent change)
    {
        if (change is SchedulerEvent.LeaseGranted(var lease))
            change = new SchedulerEvent.LeaseGranted(Lasting(lease));
        var bytes = new ArrayBufferWriter<byte>();
        new EventWriter(bytes).Write(change);
        var read = EventReader.Read(bytes.WrittenSpan);
        Assert.Equal(change, read);
        return read;
    }

    internal static string Describe(SchedulerState state)
    {
        var lines = new List<string>();
        lines.AddRange(state.InOrder().Select(job => $"job {job}"));
        lines.AddRange(
            state
                .Queues.Values.OrderBy(queue => queue.Platform)
                .Select(queue =>
                    $"queue {queue.Platform}: {string.Join(", ", queue.InOrder().Select(entry => $"{entry.Name} {entry.Position} {entry.Attempts}"))}"
                )
        );
        lines.AddRange(
            state
                .Dropped.Values.OrderBy(dropped => dropped.Platform)
                .Select(dropped =>
                    $"dropped {dropped.Platform} {dropped.At} {dropped.HadQueue}: {string.Join(", ", dropped.Jobs.Values.OrderBy(job => job.Name))}; {string.Join(", ", dropped.Entries)}"
                )
        );
        lines.AddRange(state.Leases.Values.Select(lease => $"lease {Lasting(lease)}").Order(StringComparer.Ordinal));
        lines.AddRange(state.Repetitions.All().OrderBy(waiting => waiting.Platform).Select(waiting => $"repetition {waiting}"));
        lines.AddRange(state.GoodBuilds.Values.Select(good => $"good {good}").Order(StringComparer.Ordinal));
        lines.AddRange(state.Spool.Values.Select(build => $"spool {build}").Order(StringComparer.Ordinal));
        return string.Join('\n', lines);
    }
}
