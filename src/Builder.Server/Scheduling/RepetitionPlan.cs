using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Options;

namespace Builder.Server.Scheduling;

/// <summary>What a finished build means for repetitions. Decides by its arguments alone.</summary>
/// <param name="Header">What is said of it as a repetition; null where it is none.</param>
/// <param name="Next">The repetition that comes next; null for none.</param>
/// <param name="Good">What can be repeated of it later; null where nothing has to be kept.</param>
internal sealed record RepetitionPlan(RepetitionHeader? Header, Repetition? Next, Repetition? Good)
{
    public static RepetitionPlan None { get; } = new(null, null, null);

    public static RepetitionPlan After(Lease lease, Outcome outcome, Timestamp finished, RebuildOptions defaults) =>
        lease.Repetition is { } repetition
            ? AfterRepetition(repetition, lease, outcome, finished)
            : AfterBuild(lease, outcome, finished, defaults);

    /// <summary>Whether the inputs that builds of this job record have to be kept.</summary>
    public static bool KeepsInputs(Lease lease, RebuildOptions defaults) =>
        lease.Repetition is null && IsRepeated(lease.Options.Rebuild, defaults);

    private static bool IsRepeated(RebuildPolicy policy, RebuildOptions defaults) =>
        (policy.Rebuilds ?? defaults.Rebuilds) > 0 || policy.Recheck != Recheck.Never;

    private static RepetitionPlan AfterBuild(Lease lease, Outcome outcome, Timestamp finished, RebuildOptions defaults)
    {
        var policy = lease.Options.Rebuild;
        if (outcome.Output is not { } output || !IsRepeated(policy, defaults))
            return None;
        var rebuilds = policy.Rebuilds ?? defaults.Rebuilds;
        var good = new Repetition(
            lease.Uuid,
            lease.Name,
            lease.Platform,
            lease.Job,
            lease.Options,
            finished,
            output,
            outcome.Date,
            WorkerNames.Stable(lease.Worker),
            policy.Vary ?? defaults.Vary,
            finished
        );
        return new RepetitionPlan(null, rebuilds > 0 ? good with { Remaining = rebuilds } : null, good);
    }

    private static RepetitionPlan AfterRepetition(Repetition repetition, Lease lease, Outcome outcome, Timestamp now)
    {
        var worker = WorkerNames.Stable(lease.Worker);
        var report = outcome.Variations ?? VariationReport.NoneOf(repetition.Wanted, MissingVariation.UnknownToWorker);
        var (finding, next) = NextOf(repetition, worker, outcome.Output is { } output ? output == repetition.Output : null, report);
        return new RepetitionPlan(
            new RepetitionHeader(repetition.Repeats, worker, repetition.FirstWorker, report, finding),
            next is null ? null : next with { Since = now, Attempts = 0 },
            null
        );
    }

    private static (BisectionFinding? Finding, Repetition? Next) NextOf(
        Repetition repetition,
        string worker,
        bool? agrees,
        VariationReport report
    )
    {
        if (repetition.Bisection is { } bisection)
        {
            var (finding, step) = bisection.After(agrees, report.Made);
            return (finding, step is null ? null : repetition with { Bisection = step });
        }
        if (agrees == false && repetition.Options.Rebuild.Bisect && report.Made != Variations.None)
            return (null, repetition with { Bisection = Bisection.Begin(report.Made), OnWorker = worker, Remaining = 1 });
        return (
            null,
            repetition.Remaining > 1
                ? repetition with
                {
                    Remaining = repetition.Remaining - 1,
                    Workers = repetition.WasBuiltBy(worker) ? repetition.Workers : $"{repetition.Workers}\n{worker}",
                }
                : null
        );
    }
}
