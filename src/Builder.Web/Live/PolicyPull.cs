using Builder.Storage.Budgets;
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

    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Uploads that came so far.</summary>
    private long arrived;

    /// <summary>Those of them for which the server was asked after they came.</summary>
    private long served;

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
    /// would be shown. Uploads that come meanwhile share the next question.
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var mine = Interlocked.Increment(ref arrived);
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (served >= mine)
                return;
            var all = Interlocked.Read(ref arrived);
            await PullAsync(cancellationToken);
            served = all;
        }
        finally
        {
            turn.Release();
        }
    }

    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    private async Task PullAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await server.PoliciesAsync(cancellationToken) is not { } answer)
                return;
            if (JobPolicies.ReadRules(answer) is { } rules && await PublishRuleRows.ReplaceAsync(database, rules, cancellationToken))
                LogRules(rules.Count);
            if (JobPolicies.ReadBudgets(answer) is { } budgets && await BudgetRows.ReplaceAsync(database, budgets, cancellationToken))
                LogBudgets(budgets.Count);
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

    [LoggerMessage(EventId = 70, Level = LogLevel.Information, Message = "The schedule has budgets for {Jobs} jobs")]
    private partial void LogBudgets(int jobs);

    [LoggerMessage(EventId = 67, Level = LogLevel.Debug, Message = "Cannot ask for policies: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(
        EventId = 68,
        Level = LogLevel.Warning,
        Message = "Cannot store the schedule's policies: {Reason}. The next try is in a few seconds"
    )]
    private partial void LogNotKept(string reason);
}
