using Builder.Storage;
using Builder.Storage.Artifacts;
using Builder.Web.Options;

namespace Builder.Web.Operations;

/// <summary>Runs the check of all stored contents in the background, and says in the log what turns out to be damaged, whoever finds it.</summary>
internal sealed partial class ScrubService(BuilderStorage storage, WebOptions options, ILogger<ScrubService> log) : BackgroundService
{
    /// <summary>A site that just started has better things to do.</summary>
    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(1);

    /// <summary>Until the next look whether a pass is due, or another process has left it to us.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        storage.Damaged.Found += Say;
        try
        {
            foreach (var content in storage.Damaged.All)
                Say(content);
            if (options.ScrubBytesPerSecond == 0)
                return;
            await Task.Delay(AfterStart, options.Clock, stoppingToken);
            while (true)
            {
                if (options.Clock.GetUtcNow() >= storage.Scrub.NextPass)
                    await PassAsync(stoppingToken);
                await Task.Delay(BetweenLooks, options.Clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // How far it came is noted down.
        }
        finally
        {
            storage.Damaged.Found -= Say;
        }
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await storage.Scrub.RunAsync(options.ScrubBytesPerSecond, cancellationToken))
                LogThrough(storage.Scrub.State.Checked, storage.Damaged.Count);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogFailed(exception.Message);
        }
    }

    private void Say(DamagedContent content) => LogDamaged(content.Digest.ToString(), content.Reason);

    [LoggerMessage(
        EventId = 60,
        Level = LogLevel.Information,
        Message = "All {Count} stored contents were read and compared with their hashes; {Damaged} are damaged"
    )]
    private partial void LogThrough(long count, int damaged);

    [LoggerMessage(
        EventId = 61,
        Level = LogLevel.Error,
        Message = "The stored content with SHA-256 {Digest} is damaged: {Reason}. It is not served. Upload the build again or restore _artifacts from a backup; builder db verify-data-dir lists all that is affected"
    )]
    private partial void LogDamaged(string digest, string reason);

    [LoggerMessage(EventId = 62, Level = LogLevel.Warning, Message = "The check of stored contents stopped and goes on later: {Reason}")]
    private partial void LogFailed(string reason);
}
