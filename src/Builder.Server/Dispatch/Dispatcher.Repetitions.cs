using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Logging;
using Builder.Server.Scheduling;

namespace Builder.Server.Dispatch;

/// <summary>What repetitions need: who is there to build them, and the inputs that builds recorded.</summary>
internal sealed partial class Dispatcher
{
    /// <summary>Inputs to remove once the journal knows that nobody needs them.</summary>
    private readonly List<(Task Durable, BuildUuid Build)> unneeded = [];

    /// <summary>What an extended worker is told of the build that it is to repeat; null where it repeats none, or does not know how.</summary>
    /// <exception cref="IOException">The recorded inputs cannot be read.</exception>
    public RepetitionOrder? OrderFor(Lease lease) =>
        lease is { Repetition: { } repetition, WorkerVariations: not null }
            ? new RepetitionOrder(repetition.Repeats, repetition.Wanted, repetition.Date, inputs.Read(repetition.Repeats))
            : null;

    public Task<string?> RepeatAsync(ByteString name, ByteString? platform, Variations? vary) =>
        RequestAsync((scheduler, now) => scheduler.Repeat(name, platform, vary, now));

    /// <summary>Within the lock. A worker gets what is fresh first.</summary>
    private Lease? TakeRepetition(
        Platform platform,
        string worker,
        Timestamp now,
        IsolationTier? isolation,
        Variations? variations,
        bool canResume
    ) =>
        scheduler.State.Repetitions.Has(platform)
            ? scheduler.TakeRepetition(platform, worker, now, isolation, variations, Connected(platform, worker, variations), canResume)
            : null;

    /// <summary>All workers of a platform; the one that asks too, which may not wait yet.</summary>
    private List<WorkerChoice> Connected(Platform platform, string asking, Variations? variations) =>
        [
            .. waiting
                .All(platform)
                .Where(worker => worker.Name != asking && !IsDrained(worker.Name))
                .Select(static worker => new WorkerChoice(WorkerNames.Stable(worker.Name), worker.Variations is not null)),
            .. scheduler
                .State.Leases.Values.Where(lease => lease.Platform == platform && !IsDrained(lease.Worker))
                .Select(static lease => new WorkerChoice(WorkerNames.Stable(lease.Worker), lease.WorkerVariations is not null)),
            new WorkerChoice(WorkerNames.Stable(asking), variations is not null),
        ];

    /// <summary>Within the lock: the build has ended, and with it perhaps the need for the inputs of others.</summary>
    private void Record(Lease lease, SpooledBuild build, Outcome outcome)
    {
        var before = scheduler.State.GoodBuilds.GetValueOrDefault((lease.Platform, lease.Name))?.Repeats;
        scheduler.Record(build, IsUploading, outcome);
        foreach (var candidate in ((BuildUuid?[])[before, lease.Uuid, lease.Repetition?.Repeats]).OfType<BuildUuid>())
        {
            if (!scheduler.State.IsRepeated(candidate, lease.Name, lease.Platform))
                unneeded.Add((journal.Durable(), candidate));
        }
    }

    /// <summary>A server that is killed must not find a build whose inputs are gone: they go when the journal is on disk.</summary>
    private void RemoveUnneededInputs()
    {
        BuildUuid[] builds;
        lock (gate)
        {
            builds = [.. unneeded.Where(static one => one.Durable.IsCompletedSuccessfully).Select(static one => one.Build)];
            unneeded.RemoveAll(one => builds.Contains(one.Build));
        }
        foreach (var build in builds)
        {
            try
            {
                inputs.Remove(build);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                logger.CannotForget(build, exception.Message);
            }
        }
    }
}
