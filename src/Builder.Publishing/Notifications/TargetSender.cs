using Builder.Publishing.Channels;
using Builder.Publishing.Targets;
using Builder.Storage.Database;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Notifications;

/// <summary>
/// Tells one target, in order. Progress is noted after deliveries, so each event arrives at least once, whatever dies; several processes share the work by
/// a lease.
/// </summary>
public sealed class TargetSender(BuilderDatabase database, NotificationTarget target, Channel channel, string owner, TimeProvider clock)
{
    /// <summary>Longer than a delivery may take.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private const int Window = 200;

    private static readonly TimeSpan WhileLeased = TimeSpan.FromSeconds(5);

    /// <summary>Delivered, but behind one that is not: with several at once.</summary>
    private readonly HashSet<long> ahead = [];

    /// <summary>Sends what is due.</summary>
    /// <returns>When to look again at the latest; null where nothing waits.</returns>
    public async Task<TimeSpan?> StepAsync(CancellationToken cancellationToken)
    {
        if (await IdleAsync(cancellationToken) is (var isIdle, var pause) && isIdle)
            return pause;
        if (await TakeAsync(cancellationToken) is not { } state)
            return WhileLeased;
        await SendLettersAsync(cancellationToken);
        if (state.Due > clock.GetUtcNow())
            return state.Due - clock.GetUtcNow();
        return await SendWindowAsync(state, cancellationToken);
    }

    /// <summary>Looks without writing.</summary>
    private async Task<(bool IsIdle, TimeSpan? Pause)> IdleAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var now = clock.GetUtcNow();
        if (await OutboxTargets.FindAsync(session, target.Name, now, cancellationToken) is not { } state)
            return (false, null);
        if ((await DeadLetters.DueAsync(session, target.Name, 1, cancellationToken)).Count > 0)
            return (false, null);
        if (await OutboxEvents.LastIdAsync(session, cancellationToken) <= state.Position)
            return (true, null);
        return state.Due > now ? (true, state.Due - now) : (false, null);
    }

    private Task<TargetState?> TakeAsync(CancellationToken cancellationToken) =>
        OutboxTargets.TakeAsync(database, target.Name, owner, clock.GetUtcNow(), Lease, cancellationToken);

    /// <summary>What an operator wants sent again, before the rest.</summary>
    private async Task SendLettersAsync(CancellationToken cancellationToken)
    {
        List<OutboxEvent> letters = [];
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            foreach (var id in await DeadLetters.DueAsync(session, target.Name, Window, cancellationToken))
            {
                if (await OutboxEvents.FindAsync(session, id, cancellationToken) is { } found)
                    letters.Add(found);
            }
        }
        foreach (var letter in letters)
        {
            // A target that makes each wait its ten seconds must not outlast the lease.
            if (await TakeAsync(cancellationToken) is null)
                return;
            switch (await channel.SendAsync([letter], cancellationToken))
            {
                case Delivery.Refused(var problem):
                    await DeadLetters.RefuseAgainAsync(database, target.Name, letter.Id, problem, clock.GetUtcNow(), cancellationToken);
                    break;
                case Delivery.Retry(var problem, _):
                    await DeadLetters.RefuseAgainAsync(database, target.Name, letter.Id, problem, clock.GetUtcNow(), cancellationToken);
                    return;
                default:
                    await DeadLetters.DropAsync(database, target.Name, letter.Id, cancellationToken);
                    break;
            }
        }
    }

    private async Task<TimeSpan?> SendWindowAsync(TargetState state, CancellationToken cancellationToken)
    {
        var window = new SendingWindow(await AfterAsync(state.Position, cancellationToken), target.Filter, ahead);
        if (target.Digest is { } digest && window.FirstWanted is { } first && first.Created + digest > clock.GetUtcNow())
            return first.Created + digest - clock.GetUtcNow();
        using var notes = new ProgressNotes(database, target.Name, owner, window, clock);
        Delivery.Retry? failure = null;
        try
        {
            await Parallel.ForEachAsync(
                window.Lanes(target.Parallel, channel.MaxEvents),
                new ParallelOptions { MaxDegreeOfParallelism = target.Parallel, CancellationToken = cancellationToken },
                async (lane, stop) => failure = await SendLaneAsync(lane, window, notes, () => failure is not null, stop) ?? failure
            );
        }
        finally
        {
            // What was delivered is noted, also when the program ends.
            await notes.WriteAsync(CancellationToken.None);
        }
        return notes.IsLost ? WhileLeased
            : failure is null ? TimeSpan.Zero
            : await FailedAsync(state, failure, cancellationToken);
    }

    private async Task<Delivery.Retry?> SendLaneAsync(
        IReadOnlyList<OutboxEvent[]> lane,
        SendingWindow window,
        ProgressNotes notes,
        Func<bool> hasFailed,
        CancellationToken cancellationToken
    )
    {
        foreach (var message in lane)
        {
            if (notes.IsLost || hasFailed())
                return null;
            var delivery = await channel.SendAsync(message, cancellationToken);
            if (delivery is Delivery.Retry failure)
                return failure;
            window.Settle(message, delivery);
            await notes.WriteIfDueAsync(cancellationToken);
        }
        return null;
    }

    private async Task<List<OutboxEvent>> AfterAsync(long position, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await OutboxEvents.AfterAsync(session, position, Window, cancellationToken);
    }

    private async Task<TimeSpan?> FailedAsync(TargetState state, Delivery.Retry failure, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var pause = RetryPause.After(state.Attempts, Random.Shared.NextDouble(), failure.After);
        await OutboxTargets.FailAsync(database, target.Name, owner, failure.Problem, now, now + pause, cancellationToken);
        if (state.FailingSince is { } since && now - since > RetryPause.MaxAge)
            await GiveUpAsync(failure.Problem, cancellationToken);
        return pause;
    }

    /// <summary>The target has failed for so long: what is as old is set aside.</summary>
    private async Task GiveUpAsync(string problem, CancellationToken cancellationToken)
    {
        var text = $"not delivered for {RetryPause.MaxAge.TotalDays} days: {problem}";
        while (await TakeAsync(cancellationToken) is { } state)
        {
            var now = clock.GetUtcNow();
            var old = (await AfterAsync(state.Position, cancellationToken))
                .TakeWhile(one => now - one.Created > RetryPause.MaxAge)
                .ToList();
            if (old.Count == 0)
                return;
            var setAside = old.Where(target.Filter.Matches).Select(one => (one.Id, text)).ToList();
            var progress = new TargetProgress(old[^1].Id, 0, setAside, HasAnswered: false);
            await OutboxTargets.AdvanceAsync(database, target.Name, owner, progress, now, Lease, cancellationToken);
        }
    }
}
