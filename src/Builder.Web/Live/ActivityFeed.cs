namespace Builder.Web.Live;

/// <summary>Follows the build server: it tells when something changes, and the site's browsers are told.</summary>
internal sealed partial class ActivityFeed(
    BuildServer server,
    Activity activity,
    SiteChanges changes,
    TimeProvider clock,
    ILogger<ActivityFeed> log
) : BackgroundService
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(3);

    /// <summary>An original server does not tell: browsers are told so often, while there are any.</summary>
    private static readonly TimeSpan PauseWithoutFeed = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var pause = PauseWithoutFeed;
            try
            {
                await foreach (var _ in server.ChangesAsync(stoppingToken))
                    Changed();
            }
            catch (BuildServerException exception)
            {
                LogAway(exception.Message);
                pause = PauseAfterFailure;
            }
            if (changes.Followers > 0)
                Changed();
            await Task.Delay(pause, clock, stoppingToken);
        }
    }

    private void Changed()
    {
        activity.Expire();
        changes.Raise();
    }

    [LoggerMessage(EventId = 90, Level = LogLevel.Debug, Message = "Cannot follow the build server: {Reason}")]
    private partial void LogAway(string reason);
}
