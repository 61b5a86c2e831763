using Builder.Publishing.Queue;
using Builder.Storage.Database;
using Builder.Web.Difference;
using Builder.Web.Failures;
using Builder.Web.Find;
using Builder.Web.Live;
using Builder.Web.Notifications;
using Builder.Web.Pictures;
using Builder.Web.Statements;

namespace Builder.Web.Processes;

/// <summary>
/// Wakes this process's background work, and tells its browsers, when another process on the same PostgreSQL wrote something. Pages need nothing of this: each request reads
/// the database's number of writes.
/// </summary>
internal sealed partial class OtherProcesses(
    BuilderDatabase database,
    IServiceProvider services,
    PicturePreparation pictures,
    DifferenceComputation differences,
    SiteChanges changes,
    ILogger<OtherProcesses> log
) : BackgroundService
{
    /// <summary>Of builds that others stored. What is beyond them is found at the next start.</summary>
    private const int MaxBuilds = 1024;

    private long? newest;
    private bool isFailing;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new DatabaseChanges(database).RunAsync(ChangedAsync, Note, stoppingToken);

    private async Task ChangedAsync(CancellationToken cancellationToken)
    {
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            // The start of each service looks for what was stored before.
            newest ??= await session.IntegerAsync("SELECT COALESCE(MAX(id), 0) FROM build", cancellationToken);
            var builds = await session.QueryAsync(
                "SELECT id, uuid FROM build WHERE id > @newest ORDER BY id LIMIT @most",
                static row => (Id: row.Integer(0), Uuid: row.Uuid(1)),
                cancellationToken,
                ("@newest", newest),
                ("@most", MaxBuilds)
            );
            foreach (var (id, uuid) in builds)
            {
                newest = id;
                pictures.Enqueue(uuid);
                differences.Enqueue(uuid);
            }
        }
        isFailing = false;
        services.GetRequiredService<AttestationService>().Wake();
        services.GetRequiredService<ContentIndexing>().Wake();
        services.GetRequiredService<FailureReading>().Wake();
        services.GetRequiredService<NotificationService>().Wake();
        services.GetService<PublishingQueue>()?.Wake();
        changes.Raise();
    }

    private void Note(Exception exception)
    {
        if (isFailing)
            return;
        isFailing = true;
        LogFailure(exception.Message);
    }

    [LoggerMessage(
        EventId = 101,
        Level = LogLevel.Warning,
        Message = "Cannot follow what other processes write: {Reason}. Background work of their builds begins later"
    )]
    private partial void LogFailure(string reason);
}
