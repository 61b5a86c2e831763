using Builder.Storage.Database;
using Builder.Storage.Leases;
using Builder.Storage.Outbox;

namespace Builder.Web.Live;

/// <summary>Looks at the build server from time to time, and records what its operators should know of.</summary>
internal sealed partial class ServerWatch(
    BuildServer server,
    BuilderDatabase database,
    WorkLeases leases,
    TimeProvider clock,
    ILogger<ServerWatch> log
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly ServerTroubles troubles = new();
    private bool wasThere;

    /// <summary>One look.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var info = await server.InfoAsync(cancellationToken);
            var workers = await server.WorkersAsync(cancellationToken);
            var found = troubles.Look(info, workers, wasThere, clock.GetUtcNow());
            wasThere = true;
            await OutboxEvents.AddAsync(database, [.. found], clock.GetUtcNow(), cancellationToken);
        }
        catch (BuildServerException exception)
        {
            wasThere = false;
            LogAway(exception.Message);
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or TimeoutException or IOException)
        {
            LogNotKept(exception.Message);
        }
    }

    /// <summary>Several processes would each count from when they saw a worker last, and tell of it twice.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        leases.RunAsync("watch of the build server", (_, cancellationToken) => WatchAsync(cancellationToken), stoppingToken);

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        wasThere = false;
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            await LookAsync(stoppingToken);
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(EventId = 72, Level = LogLevel.Debug, Message = "Cannot ask for workers and queues: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(EventId = 73, Level = LogLevel.Warning, Message = "Cannot store an event of the build server: {Reason}. It is lost")]
    private partial void LogNotKept(string reason);
}
