using Builder.Storage;
using Builder.Storage.Troubles;
using Builder.Web.Options;

namespace Builder.Web.Operations;

/// <summary>Once a day deletes from the bucket what uploads left that never became builds.</summary>
internal sealed partial class BucketSweepService(BuilderStorage storage, WebOptions options, ILogger<BucketSweepService> log)
    : BackgroundService
{
    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (storage.BucketSweeper is not { } sweeper)
            return;
        try
        {
            await Task.Delay(AfterStart, options.Clock, stoppingToken);
            while (true)
            {
                await SweepAsync(sweeper, stoppingToken);
                await Task.Delay(Interval, options.Clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left goes another day.
        }
    }

    private async Task SweepAsync(Storage.Sweeping.BucketSweeper sweeper, CancellationToken cancellationToken)
    {
        try
        {
            // The objects' times are those of the store, whatever time the site has.
            if (await sweeper.SweepAsync(TimeProvider.System.GetUtcNow(), cancellationToken) is > 0 and var count)
                LogSwept(count);
        }
        catch (Exception exception) when (StorageTrouble.Of(exception) is { } trouble)
        {
            LogFailed(trouble.Explanation);
        }
    }

    [LoggerMessage(
        EventId = 63,
        Level = LogLevel.Information,
        Message = "Deleted {Count} objects and folders of uploads that never became builds"
    )]
    private partial void LogSwept(int count);

    [LoggerMessage(EventId = 64, Level = LogLevel.Warning, Message = "Sweeping the bucket stopped and begins again tomorrow: {Reason}")]
    private partial void LogFailed(string reason);
}
