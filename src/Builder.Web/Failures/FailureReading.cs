using Builder.Storage.Failures;
using Builder.Web.Monitoring;

namespace Builder.Web.Failures;

/// <summary>Finds the first error in the consoles of failed builds.</summary>
internal sealed partial class FailureReading(FailureIndex index, TimeProvider clock, ILogger<FailureReading> log) : CatchingUp(clock)
{
    protected override async Task<(bool IsMore, bool IsSeen)> AdvanceAsync(CancellationToken cancellationToken)
    {
        var (builds, failures) = await index.AdvanceAsync(cancellationToken);
        return (builds > 0, failures > 0);
    }

    [LoggerMessage(LogLevel.Error, "Consoles of failed builds cannot be searched for their first error; trying again in 10 s.")]
    protected override partial void Failed(Exception exception);
}
