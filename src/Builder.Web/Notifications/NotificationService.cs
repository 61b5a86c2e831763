using Builder.Publishing.Channels;
using Builder.Publishing.Notifications;
using Builder.Storage;
using Builder.Web.Options;

namespace Builder.Web.Notifications;

/// <summary>Tells targets of events, in the background.</summary>
internal sealed class NotificationService(
    BuilderStorage storage,
    TargetSettings settings,
    WebOptions options,
    ILogger<NotificationSender> log
) : BackgroundService
{
    private readonly NotificationSender sender = new(
        storage.Database,
        settings,
        new ChannelFactory(storage.Database, storage.Artifacts, new SitePlace(options.Title, options.PublicUrl), options.Clock),
        options.Clock,
        log
    );

    /// <summary>Something was recorded. Returns at once.</summary>
    public void Wake() => sender.Wake();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.ConfigurationDirectory is null ? Task.CompletedTask : sender.RunAsync(stoppingToken);
}
