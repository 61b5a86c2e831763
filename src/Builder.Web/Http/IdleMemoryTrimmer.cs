using System.Data.Common;
using System.Runtime.InteropServices;
using Builder.Storage.Database;

namespace Builder.Web.Http;

/// <summary>
/// Gives back what the last requests needed once nobody has asked for anything for a while: pages of the database, room in the heap, and what the
/// C library keeps of what was freed. Answers are kept: they are what the next visitor wants.
/// </summary>
internal sealed partial class IdleMemoryTrimmer(BuilderDatabase database, TimeProvider clock, ILogger<IdleMemoryTrimmer> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Fewer new bytes between two looks are nobody's request.</summary>
    private const long LittleInBytes = 64 * 1024;

    /// <summary>The GNU C library has it, others give memory back by themselves.</summary>
    private readonly bool canTrim =
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out _);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        var (allocated, isTidy) = (0L, false);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = GC.GetTotalAllocatedBytes();
            var isAtRest = now - allocated < LittleInBytes;
            if (isAtRest && !isTidy)
                await TidyAsync(stoppingToken);
            isTidy = isAtRest;
            allocated = isTidy ? GC.GetTotalAllocatedBytes() : now;
        }
    }

    private async Task TidyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.ReleaseMemoryAsync(cancellationToken);
        }
        catch (DbException exception)
        {
            // Whoever asks for a page next is told what ails the database; that it keeps its memory is no reason to end the site.
            LogKept(exception);
        }
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (canTrim)
            _ = Trim(0);
    }

    [LoggerMessage(EventId = 50, Level = LogLevel.Warning, Message = "The database's memory was not given back")]
    private partial void LogKept(DbException error);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint kept);
}
