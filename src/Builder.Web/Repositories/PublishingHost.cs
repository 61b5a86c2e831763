using Builder.Publishing.Files;
using Builder.Publishing.Options;
using Builder.Publishing.Queue;
using Builder.Storage;
using Builder.Web.Options;
using Builder.Web.Pages;

namespace Builder.Web.Repositories;

/// <summary>Hooks and repositories as part of the site: their work is done beside the requests.</summary>
internal static class PublishingHost
{
    /// <summary>How long a page may go on saying what a repository held before.</summary>
    public static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(30);

    /// <summary>Nothing is due where there is no configuration directory.</summary>
    /// <exception cref="WebOptionsException">Settings of hooks or repositories are wrong.</exception>
    public static async Task AddPublishingAsync(
        this IServiceCollection services,
        WebOptions options,
        BuilderStorage storage,
        CancellationToken cancellationToken
    )
    {
        if (options.ConfigurationDirectory is not { } configuration)
            return;
        try
        {
            var queue = await PublishingQueue.OpenAsync(
                new PublishingOptions(configuration, options.DataDirectory, options.Publish),
                storage,
                options.Clock,
                cancellationToken
            );
            services.AddSingleton(queue);
            services.AddHostedService(provider =>
            {
                queue.Log = provider.GetRequiredService<ILoggerFactory>().CreateLogger("Builder.Publishing");
                return new Worker(queue);
            });
        }
        catch (RepositoryException exception)
        {
            throw new WebOptionsException(exception.Message);
        }
    }

    /// <summary>The site as it is with the repositories that were set up.</summary>
    public static SiteInfo Describe(IServiceProvider provider, SiteInfo site) =>
        provider.GetService<PublishingQueue>()?.Repositories is { } set
            ? site with
            {
                HasApt = set.DebianSettings is not null,
                HasPkg = set.FreeBsdSettings is not null,
            }
            : site;

    private sealed class Worker(PublishingQueue queue) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => queue.RunAsync(stoppingToken);
    }
}
