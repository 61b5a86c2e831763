using Builder.Storage.Failures;
using Builder.Storage.Leases;
using Builder.Web.Monitoring;

namespace Builder.Web.Failures;

/// <summary>Finds the first error in the consoles of failed builds.</summary>
internal sealed partial class FailureReading(FailureIndex index, WorkLeases leases, TimeProvider clock, ILogger<FailureReading> log)
    : CatchingUp(leases, "first errors", clock)
{
    private long known = -1;

    protected override async Task<(bool IsMore, bool IsSeen)> AdvanceAsync(WorkLease lease, CancellationToken cancellationToken)
    {
        var (builds, newest) = await index.AdvanceAsync(lease, cancellationToken);
        var isSeen = newest != known;
        known = newest;
        return (builds > 0, isSeen);
    }

    [LoggerMessage(LogLevel.Error, "Consoles of failed builds cannot be searched for their first error; trying again in 10 s.")]
    protected override partial void Failed(Exception exception);
}
