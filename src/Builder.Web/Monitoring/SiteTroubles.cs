using System.Collections.Concurrent;
using Builder.Storage;
using Builder.Storage.Troubles;

namespace Builder.Web.Monitoring;

/// <summary>
/// What keeps the site from its work at present: locked databases, full disks and the like. Each is logged when it begins and when it is over, however
/// many requests meet it; until then it is tried once a second whether it is still there.
/// </summary>
internal sealed partial class SiteTroubles(BuilderStorage storage, ILogger<SiteTroubles> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<(TroubleKind Kind, string Place), PresentTrouble> present = [];
    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly SemaphoreSlim reviewing = new(1, 1);

    /// <summary>For the operator; the longest first.</summary>
    public IReadOnlyList<string> Present =>
        [.. present.Values.OrderBy(trouble => trouble.Began).Select(trouble => trouble.Trouble.Explanation)];

    /// <summary>What the error says of the machine; null where it says nothing of it. From then on the trouble is present.</summary>
    public StorageTrouble? Note(Exception error)
    {
        if (StorageTrouble.Of(error, storage.Directory.Root) is not { } trouble)
            return null;
        var mine = new PresentTrouble(trouble, TimeProvider.System.GetTimestamp());
        var known = present.GetOrAdd((trouble.Kind, trouble.Place), mine);
        known.Count();
        if (known != mine)
            return trouble;
        LogBegan(trouble.Explanation);
        lock (wake)
        {
            if (wake.CurrentCount == 0)
                wake.Release();
        }
        return trouble;
    }

    /// <summary>An upload went through: there is room on the disk for what comes.</summary>
    public void Stored()
    {
        foreach (var (key, trouble) in present)
        {
            if (key.Kind == TroubleKind.DiskFull)
                End(key, trouble);
        }
    }

    /// <summary>Looks which troubles are over.</summary>
    public async Task ReviewAsync(CancellationToken cancellationToken)
    {
        await reviewing.WaitAsync(cancellationToken);
        try
        {
            foreach (var (key, trouble) in present)
            {
                if (await IsOverAsync(trouble, cancellationToken))
                    End(key, trouble);
            }
            if (present.IsEmpty)
                await storage.Uploads.CleanLeftAsync(cancellationToken);
        }
        catch (Exception exception) when (StorageTrouble.Of(exception) is not null)
        {
            Note(exception);
        }
        finally
        {
            reviewing.Release();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        wake.Dispose();
        reviewing.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await wake.WaitAsync(stoppingToken);
                while (!present.IsEmpty)
                {
                    // Real time, whatever the site takes for now: what is waited for is the machine.
                    await Task.Delay(Pause, TimeProvider.System, stoppingToken);
                    await ReviewAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The site ends.
        }
    }

    private async Task<bool> IsOverAsync(PresentTrouble known, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ProbePatience);
        var trouble = known.Trouble;
        try
        {
            if (trouble.Kind == TroubleKind.ObjectStore)
            {
                await (storage.Bucket?.CheckAsync(patience.Token) ?? Task.CompletedTask);
                return true;
            }
            if (trouble.IsOfDatabase || !Directory.Exists(trouble.Place))
                await storage.Database.ProbeAsync(patience.Token);
            var directory = Directory.Exists(trouble.Place) ? trouble.Place : storage.Directory.Staging;
            await Health.WriteAsync(directory, patience.Token);
            return trouble.Kind != TroubleKind.DiskFull || known.HasMoreRoom(new DriveInfo(directory).AvailableFreeSpace);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception) when (StorageTrouble.Of(exception) is not null)
        {
            return false;
        }
    }

    private void End((TroubleKind, string) key, PresentTrouble trouble)
    {
        if (!present.TryRemove(new KeyValuePair<(TroubleKind, string), PresentTrouble>(key, trouble)))
            return;
        var seconds = Math.Ceiling(TimeProvider.System.GetElapsedTime(trouble.Began).TotalSeconds);
        LogOver(seconds, trouble.Failures, trouble.Trouble.Explanation);
    }

    [LoggerMessage(
        EventId = 70,
        Level = LogLevel.Error,
        Message = "{Explanation}. What needs it is answered with 503 or 507 until that is over"
    )]
    private partial void LogBegan(string explanation);

    [LoggerMessage(
        EventId = 71,
        Level = LogLevel.Warning,
        Message = "over after {Seconds} s, in which {Failures} attempts failed: {Explanation}"
    )]
    private partial void LogOver(double seconds, int failures, string explanation);
}
