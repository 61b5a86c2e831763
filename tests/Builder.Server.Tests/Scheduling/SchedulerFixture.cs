using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Server.Tests.Scheduling;

/// <summary>A scheduler with a clock of its own, whose every event is kept, to be replayed.</summary>
internal sealed class SchedulerFixture
{
    public static readonly Platform Debian = Platform.Parse("debian-12");
    public static readonly Platform FreeBsd = Platform.Parse("freebsd-14.1");

    public SchedulerFixture(int maxAttempts = 3)
    {
        Scheduler = new Scheduler(new SchedulerState(), Templates, maxAttempts, Events.Add);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 22, 16, 8, 13, TimeSpan.Zero));

    public FakeTemplates Templates { get; } = new();

    public List<SchedulerEvent> Events { get; } = [];

    public Scheduler Scheduler { get; }

    public Timestamp Now => Timestamp.Now(Clock);

    public static ByteString Text(string text) => ByteString.FromUtf8(text);

    public static ScriptJob Script(string name, string platform = "debian-12") => new(Text(name), Text(platform), Text("echo " + name));

    public string? Schedule(string name, Period period = Period.Daily, string platform = "debian-12", JobOptions? options = null) =>
        Scheduler.Schedule(Script(name, platform), period, options ?? JobOptions.Default, Now);

    public string? ScheduleOrb(string name, Period period = Period.Daily) =>
        Scheduler.Schedule(new OrbBuildJob(Text(name), Text(name + ".1.0")), period, JobOptions.Default, Now);

    public Lease? Take(Platform? platform = null)
    {
        Scheduler.Welcome(platform ?? Debian, Now);
        return Scheduler.Take(platform ?? Debian, "worker", Now, out _);
    }

    public void Record(Lease lease, bool spooled, Outcome? outcome = null) =>
        Scheduler.Record(
            new SpooledBuild(lease.Uuid, lease.Name, lease.Platform, Now) { Checksums = Text("sums") },
            spooled,
            outcome ?? Outcome.None
        );

    public string[] Queue(Platform? platform = null) =>
        Scheduler.State.Queues.TryGetValue(platform ?? Debian, out var queue) ? [.. queue.InOrder().Select(entry => entry.Name.Value)] : [];

    public ScheduledJob Job(string name) => Scheduler.State.Jobs[JobName.Parse(name)];

    internal sealed class FakeTemplates : IOrbTemplates
    {
        public HashSet<Platform> Known { get; } = [];

        public bool Has(Platform platform) => Known.Contains(platform);

        public ScriptJob? Expand(OrbBuildJob job, Platform platform) =>
            Known.Contains(platform) ? new ScriptJob(job.Name, platform.Bytes, Text($"orb {job.OpamPackage}")) : null;
    }
}
