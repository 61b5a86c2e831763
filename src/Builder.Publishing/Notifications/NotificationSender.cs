using Builder.Publishing.Channels;
using Builder.Publishing.Targets;
using Builder.Storage.Database;
using Builder.Storage.Outbox;
using Builder.Storage.Troubles;
using Microsoft.Extensions.Logging;

namespace Builder.Publishing.Notifications;

/// <summary>Tells all targets, each at its own pace: one that does not answer keeps no other back.</summary>
public sealed partial class NotificationSender(
    BuilderDatabase database,
    TargetSettings settings,
    ChannelFactory channels,
    TimeProvider clock,
    ILogger log
)
{
    /// <summary>How soon what another process recorded is noticed, and a change of the configuration.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PauseInTrouble = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromHours(6);

    private readonly string owner = SenderIdentity.Own;

    private readonly Lock gate = new();
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Something was recorded. Returns at once.</summary>
    public void Wake()
    {
        TaskCompletionSource woken;
        lock (gate)
        {
            woken = news;
            news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        woken.TrySetResult();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReleaseDeadAsync(cancellationToken);
            while (true)
            {
                if (settings.Refresh() && settings.Problem is { } problem)
                    LogUnusable(problem);
                using var change = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var loops = settings.Targets.Select(target => LoopAsync(target, change.Token)).ToList();
                loops.Add(WatchAsync(change));
                await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            try
            {
                await OutboxTargets.ReleaseAsync(database, owner, CancellationToken.None);
            }
            catch (Exception exception) when (StorageTrouble.Of(exception) is not null)
            {
                // The leases end by themselves.
                LogLeases(exception.Message);
            }
        }
    }

    /// <summary>What a killed process of this machine held is free at once.</summary>
    private async Task ReleaseDeadAsync(CancellationToken cancellationToken)
    {
        try
        {
            List<string> owners;
            await using (var session = await database.OpenReadAsync(cancellationToken))
                owners = await OutboxTargets.OwnersAsync(session, cancellationToken);
            foreach (var dead in owners.Where(SenderIdentity.IsDead))
                await OutboxTargets.ReleaseAsync(database, dead, cancellationToken);
        }
        catch (Exception exception) when (StorageTrouble.Of(exception) is { } trouble)
        {
            // The leases end by themselves.
            LogLeases(trouble.Explanation);
        }
    }

    /// <summary>Ends all loops when the configuration changes.</summary>
    private async Task WatchAsync(CancellationTokenSource change)
    {
        long? last = null;
        long? sweptAt = null;
        using var timer = new PeriodicTimer(Look, clock);
        while (await timer.WaitForNextTickAsync(change.Token))
        {
            if (settings.Refresh())
            {
                if (settings.Problem is null)
                {
                    await change.CancelAsync();
                    return;
                }
                LogUnusable(settings.Problem);
            }
            try
            {
                await using (var session = await database.OpenReadAsync(change.Token))
                {
                    var now = await OutboxEvents.LastIdAsync(session, change.Token);
                    if (now != last)
                        Wake();
                    last = now;
                }
                if (sweptAt is null || clock.GetElapsedTime(sweptAt.Value) > BetweenSweeps)
                {
                    sweptAt = clock.GetTimestamp();
                    await OutboxEvents.ForgetAsync(database, clock.GetUtcNow() - Kept, change.Token);
                }
            }
            catch (Exception exception) when (StorageTrouble.Of(exception) is { } trouble)
            {
                LogTrouble("all targets", trouble.Explanation);
                await Task.Delay(PauseInTrouble, clock, change.Token);
            }
        }
    }

    private async Task LoopAsync(NotificationTarget target, CancellationToken cancellationToken)
    {
        using var channel = channels.Create(target);
        var sender = new TargetSender(database, target, channel, owner, clock);
        while (true)
        {
            Task woken;
            lock (gate)
                woken = news.Task;
            TimeSpan? pause;
            try
            {
                pause = await sender.StepAsync(cancellationToken);
            }
            catch (Exception exception) when (StorageTrouble.Of(exception) is { } trouble)
            {
                LogTrouble(target.Name, trouble.Explanation);
                pause = PauseInTrouble;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailure(exception, target.Name);
                pause = PauseInTrouble;
            }
            if (pause == TimeSpan.Zero)
                continue;
            await WaitAsync(woken, pause, cancellationToken);
        }
    }

    /// <summary>News end a wait for nothing in particular; a retry comes when it is due.</summary>
    private async Task WaitAsync(Task woken, TimeSpan? pause, CancellationToken cancellationToken)
    {
        if (pause is null)
        {
            await woken.WaitAsync(cancellationToken);
            return;
        }
        // An operator may want the next attempt now.
        var longest = pause.Value < PauseInTrouble ? pause.Value : PauseInTrouble;
        await Task.Delay(longest, clock, cancellationToken);
    }

    [LoggerMessage(EventId = 80, Level = LogLevel.Error, Message = "No change of notifications: {Problem}")]
    private partial void LogUnusable(string problem);

    [LoggerMessage(EventId = 81, Level = LogLevel.Warning, Message = "Notifications of {Target} wait: {Problem}")]
    private partial void LogTrouble(string target, string problem);

    [LoggerMessage(EventId = 82, Level = LogLevel.Error, Message = "Notifications of {Target} failed; they are tried again")]
    private partial void LogFailure(Exception exception, string target);

    [LoggerMessage(EventId = 83, Level = LogLevel.Warning, Message = "Leases of notifications were not given back: {Problem}")]
    private partial void LogLeases(string problem);
}
