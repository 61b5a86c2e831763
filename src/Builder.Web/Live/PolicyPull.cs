using Builder.Storage.Database;
using Builder.Storage.Differences;
using Builder.Storage.Rebuilders;

namespace Builder.Web.Live;

/// <summary>Asks the build server from time to time what its schedule says about judging builds, and keeps it in the database.</summary>
internal sealed partial class PolicyPull(BuildServer server, BuilderDatabase database, TimeProvider clock, ILogger<PolicyPull> log)
    : BackgroundService
{
    /// <summary>How long a change in the schedule may take to show on pages.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private long last = clock.GetTimestamp();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            await PullAsync(stoppingToken);
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>
    /// Before a build is taken in: what the schedule says of its job must be known when the build is seen first, or a build that is to wait for rebuilders
    /// would be shown. In a burst of uploads it asks once a second.
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(Volatile.Read(ref last)) >= MaxAge)
            await PullAsync(cancellationToken);
    }

    private async Task PullAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref last, clock.GetTimestamp());
        try
        {
            if (await server.PoliciesAsync(cancellationToken) is not { } answer)
                return;
            if (JobPolicies.ReadRules(answer) is { } rules && await PublishRuleRows.ReplaceAsync(database, rules, cancellationToken))
                LogRules(rules.Count);
            if (
                JobPolicies.Read(answer) is { } expected
                && await ExpectedDifferenceRows.ReplaceAsync(database, expected, cancellationToken)
            )
                LogChanged(expected.Count);
        }
        catch (BuildServerException exception)
        {
            // The page of activity says that the server is away; what is known of its schedule stays.
            LogAway(exception.Message);
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or TimeoutException or IOException)
        {
            LogNotKept(exception.Message);
        }
    }

    [LoggerMessage(EventId = 66, Level = LogLevel.Information, Message = "The schedule expects differences in {Jobs} jobs")]
    private partial void LogChanged(int jobs);

    [LoggerMessage(EventId = 69, Level = LogLevel.Information, Message = "The schedule says of {Jobs} jobs that packages wait for others")]
    private partial void LogRules(int jobs);

    [LoggerMessage(EventId = 67, Level = LogLevel.Debug, Message = "Cannot ask for policies: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(
        EventId = 68,
        Level = LogLevel.Warning,
        Message = "Cannot store the schedule's policies: {Reason}. The next try is in a few seconds"
    )]
    private partial void LogNotKept(string reason);
}
