using Builder.Storage.Index;
using Builder.Web.Monitoring;

namespace Builder.Web.Find;

/// <summary>Enters what builds contain into the index.</summary>
internal sealed partial class ContentIndexing(PackageIndex index, TimeProvider clock, ILogger<ContentIndexing> log) : CatchingUp(clock)
{
    protected override async Task<(bool IsMore, bool IsSeen)> AdvanceAsync(CancellationToken cancellationToken)
    {
        var isAny = await index.AdvanceAsync(cancellationToken) > 0;
        return (isAny, isAny);
    }

    [LoggerMessage(LogLevel.Error, "What builds contain cannot be entered into the index; trying again in 10 s.")]
    protected override partial void Failed(Exception exception);
}
