using Builder.Storage.Index;
using Builder.Storage.Leases;
using Builder.Storage.Search;
using Builder.Web.Monitoring;

namespace Builder.Web.Find;

/// <summary>Enters what builds contain, what their consoles say and which symbols their binaries have into the indexes.</summary>
internal sealed partial class ContentIndexing(
    PackageIndex packages,
    SymbolIndex symbols,
    ConsoleTextIndex consoles,
    WorkLeases leases,
    TimeProvider clock,
    ILogger<ContentIndexing> log
) : CatchingUp(leases, "index of contents", clock)
{
    protected override async Task<(bool IsMore, bool IsSeen)> AdvanceAsync(WorkLease lease, CancellationToken cancellationToken)
    {
        // The indexes of symbols and consoles compare in their transaction how far they are: a late batch of a process that was stopped is left out.
        // Symbols follow packages: what is asked after an advisory comes first.
        var isAny =
            await packages.AdvanceAsync(lease, cancellationToken) > 0
            || await symbols.AdvanceAsync(cancellationToken) > 0
            || await consoles.AdvanceAsync(cancellationToken) > 0;
        return (isAny, isAny);
    }

    [LoggerMessage(LogLevel.Error, "What builds contain cannot be entered into the index; trying again in 10 s.")]
    protected override partial void Failed(Exception exception);
}
