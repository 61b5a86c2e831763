using Builder.Storage.Index;
using Builder.Storage.Search;
using Builder.Web.Monitoring;

namespace Builder.Web.Find;

/// <summary>Enters what builds contain, what their consoles say and which symbols their binaries have into the indexes.</summary>
internal sealed partial class ContentIndexing(
    PackageIndex packages,
    SymbolIndex symbols,
    ConsoleTextIndex consoles,
    TimeProvider clock,
    ILogger<ContentIndexing> log
) : CatchingUp(clock)
{
    protected override async Task<(bool IsMore, bool IsSeen)> AdvanceAsync(CancellationToken cancellationToken)
    {
        // Symbols follow packages: what is asked after an advisory comes first.
        var isAny =
            await packages.AdvanceAsync(cancellationToken) > 0
            || await symbols.AdvanceAsync(cancellationToken) > 0
            || await consoles.AdvanceAsync(cancellationToken) > 0;
        return (isAny, isAny);
    }

    [LoggerMessage(LogLevel.Error, "What builds contain cannot be entered into the index; trying again in 10 s.")]
    protected override partial void Failed(Exception exception);
}
