using System.Text.Json.Nodes;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Outbox;
using Builder.Storage.Troubles;

namespace Builder.Web.Find;

/// <summary>
/// Records that an advisory applies to the latest build of a job on a platform: once for each of these, however often that is found out and by however many
/// processes. What a killed process did not record, the next one finds again.
/// </summary>
internal sealed partial class AdvisoryEvents(
    MatchedPlaces places,
    BuilderDatabase database,
    TimeProvider clock,
    ILogger<AdvisoryEvents> log
) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <summary>It may take one part in so many of the time.</summary>
    private const int Share = 20;

    private string recorded = "";

    /// <summary>One look.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var variant = places.Variant;
            if (variant == recorded)
                return;
            List<NewEvent> news = [];
            await using (var session = await database.OpenReadAsync(cancellationToken))
            {
                var matched = await places.FindAsync(session, StartLimit.At(Timestamp.From(clock.GetUtcNow())), cancellationToken);
                foreach (var found in matched.SelectMany(static one => one.Value).Select(Event))
                {
                    if (!await OutboxEvents.IsKnownAsync(session, found.Key, cancellationToken))
                        news.Add(found);
                }
            }
            await OutboxEvents.AddAsync(database, news, clock.GetUtcNow(), cancellationToken);
            recorded = variant;
        }
        catch (Exception exception) when (StorageTrouble.Of(exception) is { } trouble)
        {
            LogTrouble(trouble.Explanation);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var start = clock.GetTimestamp();
            await LookAsync(stoppingToken);
            var pause = clock.GetElapsedTime(start) * Share;
            await Task.Delay(pause > Look ? pause : Look, clock, stoppingToken);
        }
    }

    private static NewEvent Event(MatchedAdvisory matched)
    {
        var (advisory, place) = (matched.Advisory, matched.Place.Place);
        var data = new JsonObject
        {
            ["version"] = 1,
            ["advisory"] = advisory.Id,
            ["text"] = advisory.Title,
            ["job"] = place.Job,
            ["platform"] = place.Platform,
            ["package"] = matched.Place.Package.Name,
            ["package_version"] = place.LatestVersions[^1],
        };
        if (advisory.Score is { } score)
            data["severity"] = score;
        if (matched.Place.Fixed is { } without)
            data["fixed"] = without;
        if (place.Latest is { } latest)
            data["build"] = latest.Uuid.ToString();
        return new NewEvent(
            $"{EventKind.AdvisoryMatched}/{advisory.Id}/{place.Job}/{place.Platform}",
            EventKind.AdvisoryMatched,
            place.Job,
            place.Platform,
            // Its page is that of the advisory, which names all builds.
            null,
            data.ToJsonString()
        );
    }

    [LoggerMessage(EventId = 74, Level = LogLevel.Warning, Message = "Cannot record which advisories apply: {Reason}. Trying again")]
    private partial void LogTrouble(string reason);
}
