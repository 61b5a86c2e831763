using Builder.Analysis.Values;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Differences;
using Builder.Storage.Leases;
using Builder.Storage.Values;
using Builder.Web.Builds;
using Builder.Web.Http;
using Builder.Web.Monitoring;

namespace Builder.Web.Difference;

/// <summary>
/// Finds out why builds differ: first what somebody waits for, then builds that just came in, then what is missing since before the start. One at a
/// time, on a thread that lets all others go first. What is lost with the process is found again at the next start: a pair without a result is due. Several processes
/// share the pairs by leases.
/// </summary>
internal sealed partial class DifferenceComputation(
    BuilderDatabase database,
    DifferenceMaker maker,
    DifferenceFiles files,
    ExpensiveWork expensive,
    WorkLeases leases,
    SiteTroubles troubles,
    ILogger<DifferenceComputation> log
) : BackgroundService, IDifferences
{
    /// <summary>Comparisons that somebody waits for. Whoever comes when there are more asks again.</summary>
    private const int MaxAsked = 64;

    /// <summary>Builds that came in. The next start finds those beyond.</summary>
    private const int MaxUploaded = 1024;

    /// <summary>Failures that the database has no row for.</summary>
    private const int MaxFailures = 256;

    private readonly Lock gate = new();
    private readonly Queue<DifferenceOrder> asked = [];
    private readonly HashSet<(Sha256Digest Left, Sha256Digest Right)> pending = [];
    private readonly Queue<BuildUuid> uploaded = [];
    private readonly Dictionary<(Sha256Digest Left, Sha256Digest Right), string> failures = [];
    private readonly HeldElsewhere<DifferenceOrder> held = new(leases.Duration / 3);
    private readonly SemaphoreSlim wake = new(0, 1);
    private TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A build was stored. Returns at once.</summary>
    public void Enqueue(BuildUuid build)
    {
        lock (gate)
        {
            if (uploaded.Count < MaxUploaded)
                uploaded.Enqueue(build);
            Wake();
        }
    }

    /// <summary>Completes when all that was asked for so far is computed.</summary>
    public Task WhenIdleAsync()
    {
        lock (gate)
            return idle.Task;
    }

    public async ValueTask<DifferenceAnswer> FindOrStartAsync(
        BuildFacts left,
        IReadOnlyList<ArtifactFacts> leftFiles,
        BuildFacts right,
        IReadOnlyList<ArtifactFacts> rightFiles,
        CancellationToken cancellationToken
    )
    {
        var order = new DifferenceOrder(new BuildSide(left, leftFiles), new BuildSide(right, rightFiles));
        if (await files.ReadAsync(order.Left.Id, order.Right.Id, cancellationToken) is { } known)
            return new DifferenceAnswer.Known(known);
        if (order.Pair is { } pair)
        {
            await using var session = await database.OpenReadAsync(cancellationToken);
            if (await DifferenceRows.FindAsync(session, pair, cancellationToken) is { IsGivenUp: true } row)
                return new DifferenceAnswer.Failed(row.Message ?? "the program ended during the comparison, again and again");
        }
        lock (gate)
        {
            if (failures.TryGetValue(order.Key, out var reason))
                return new DifferenceAnswer.Failed(reason);
            if (asked.Count < MaxAsked && pending.Add(order.Key))
            {
                asked.Enqueue(order);
                Wake();
            }
        }
        return new DifferenceAnswer.Computing();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var before =
            await TryAsync("the builds before the start", BeforeAsync, stoppingToken) ?? new Queue<(JobId Job, Sha256Digest Input)>();
        var wanted = new Queue<WantedDifference>(await TryAsync("repetitions before the start", RepetitionsAsync, stoppingToken) ?? []);
        while (true)
        {
            DifferenceOrder? order = null;
            BuildUuid? build = null;
            lock (gate)
            {
                if (!asked.TryDequeue(out order) && uploaded.TryDequeue(out var next))
                    build = next;
            }
            if (order is not null)
            {
                await ComputeAsync(order, stoppingToken);
            }
            else if (build is { } uuid)
            {
                foreach (
                    var one in await TryAsync($"build {uuid}", cancellationToken => OfBuildAsync(uuid, cancellationToken), stoppingToken)
                        ?? []
                )
                    wanted.Enqueue(one);
            }
            else if (wanted.TryDequeue(out var one))
            {
                if (
                    await TryAsync(
                        $"builds {one.Left} and {one.Right}",
                        cancellationToken => OrderAsync(one, cancellationToken),
                        stoppingToken
                    ) is
                    { } due
                )
                    await ComputeAsync(due, stoppingToken);
            }
            else if (before.TryDequeue(out var input))
            {
                foreach (
                    var of in await TryAsync(
                        $"input {input.Input}",
                        cancellationToken => OfInputAsync(input.Job, input.Input, cancellationToken),
                        stoppingToken
                    ) ?? []
                )
                    wanted.Enqueue(of);
            }
            else
            {
                if (held.TryTake(out var again))
                {
                    await ComputeAsync(again, stoppingToken);
                    continue;
                }
                lock (gate)
                {
                    if (asked.Count + uploaded.Count + held.Count == 0)
                        idle.TrySetResult();
                }
                await wake.WaitAsync(held.Wait ?? Timeout.InfiniteTimeSpan, stoppingToken);
            }
        }
    }

    /// <summary>Within the lock.</summary>
    private void Wake()
    {
        if (idle.Task.IsCompleted)
            idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (wake.CurrentCount == 0)
            wake.Release();
    }

    private async Task<Queue<(JobId Job, Sha256Digest Input)>> BeforeAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return new Queue<(JobId, Sha256Digest)>(await WantedDifferences.InputsAsync(session, cancellationToken));
    }

    private async Task<List<WantedDifference>> RepetitionsAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await WantedDifferences.OfRepetitionsAsync(session, null, cancellationToken);
    }

    private async Task<List<WantedDifference>> OfBuildAsync(BuildUuid build, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var wanted = await WantedDifferences.OfRepetitionsAsync(session, build, cancellationToken);
        if (await WantedDifferences.InputOfAsync(session, build, cancellationToken) is { } input)
            wanted.AddRange(await WantedDifferences.OfInputAsync(session, input.Job, input.Input, cancellationToken));
        return wanted;
    }

    private async Task<List<WantedDifference>> OfInputAsync(JobId job, Sha256Digest input, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await WantedDifferences.OfInputAsync(session, job, input, cancellationToken);
    }

    /// <summary>Null where one of the builds was removed meanwhile.</summary>
    private async Task<DifferenceOrder?> OrderAsync(WantedDifference wanted, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return
            await SideAsync(session, wanted.Left, cancellationToken) is { } left
            && await SideAsync(session, wanted.Right, cancellationToken) is { } right
            ? new DifferenceOrder(left, right) { IsRepetition = wanted.IsRepetition }
            : null;
    }

    private static async Task<BuildSide?> SideAsync(DatabaseSession session, BuildUuid uuid, CancellationToken cancellationToken) =>
        await BuildQueries.FindAsync(session, uuid, cancellationToken) is { } build
            ? new BuildSide(build, await BuildQueries.ArtifactsAsync(session, build.Id, cancellationToken))
            : null;

    private async Task ComputeAsync(DifferenceOrder order, CancellationToken cancellationToken)
    {
        var isHeld = false;
        try
        {
            if (!await IsDueAsync(order, cancellationToken))
                return;
            await using var lease = await leases.TryTakeAsync($"difference {order.Left.Id} {order.Right.Id}", cancellationToken);
            if (lease is null)
            {
                isHeld = held.Add(order);
                return;
            }
            // Another process may have ended it since the first look.
            if (leases.IsShared && !await IsDueAsync(order, cancellationToken))
                return;
            if (order.Pair is { } pair && !await DifferenceRows.BeginAsync(database, pair, order.IsSameInput, cancellationToken))
                return;
            await MakeAsync(order, lease, cancellationToken);
        }
        catch (LeaseLostException)
        {
            isHeld = held.Add(order);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (troubles.Note(exception) is null)
                LogFailure(exception, order.Left.Build.Uuid, order.Right.Build.Uuid);
        }
        finally
        {
            if (!isHeld)
            {
                lock (gate)
                    pending.Remove(order.Key);
            }
        }
    }

    /// <summary>Another job, another process, or somebody who waited, may have had the same pair.</summary>
    private async Task<bool> IsDueAsync(DifferenceOrder order, CancellationToken cancellationToken)
    {
        bool isAsked;
        lock (gate)
            isAsked = pending.Contains(order.Key);
        // Nobody waits for the whole comparison: what the database has is enough, wherever the file is.
        if (!isAsked && order.Pair is { } kept)
        {
            await using var known = await database.OpenReadAsync(cancellationToken);
            if (
                await DifferenceRows.FindAsync(known, kept, cancellationToken) is { Causes: not null } row
                && (row.IsSameInput || !order.IsSameInput)
            )
                return false;
        }
        if (await files.ReadAsync(order.Left.Id, order.Right.Id, cancellationToken) is null)
            return true;
        if (order.Pair is not { } pair || !order.IsSameInput)
            return false;
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await DifferenceRows.FindAsync(session, pair, cancellationToken) is not { Causes: not null, IsSameInput: true };
    }

    private async Task MakeAsync(DifferenceOrder order, WorkLease lease, CancellationToken cancellationToken)
    {
        // It belongs to the build that made it necessary: the later one.
        var (left, right) = (order.Left.Build, order.Right.Build);
        using var span = BuildTrace.StartBackground(left.Started > right.Started ? left.Uuid : right.Uuid, "differences");
        try
        {
            var found = await expensive.RunAsync(() => maker.MakeAsync(order.Left, order.Right, cancellationToken));
            await files.WriteAsync(order.Left.Id, order.Right.Id, found.Whole, cancellationToken);
            if (order.Pair is { } pair)
                await DifferenceRows.KeepAsync(database, pair, order.IsSameInput, found.OfMain, cancellationToken, lease);
        }
        catch (Exception exception) when (exception is not LeaseLostException)
        {
            if (cancellationToken.IsCancellationRequested || troubles.Note(exception) is not null)
            {
                // The pair is not to blame. Where this cannot be written either, there are attempts left.
                if (order.Pair is { } pair)
                    await DifferenceRows.ForgetAttemptAsync(database, pair, CancellationToken.None);
                throw;
            }
            if (exception is not DamagedContentException)
                LogFailure(exception, order.Left.Build.Uuid, order.Right.Build.Uuid);
            await FailAsync(
                order,
                exception is DamagedContentException damaged
                    ? $"the stored file with SHA-256 {damaged.Digest} is damaged"
                    : "the comparison met an internal error",
                lease,
                cancellationToken
            );
        }
    }

    private Task FailAsync(DifferenceOrder order, string reason, WorkLease lease, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (failures.Count >= MaxFailures)
                failures.Clear();
            failures[order.Key] = reason;
        }
        return order.Pair is { } pair
            ? DifferenceRows.FailAsync(database, pair, order.IsSameInput, reason, cancellationToken, lease)
            : Task.CompletedTask;
    }

    private async Task<T?> TryAsync<T>(string what, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (troubles.Note(exception) is null)
                LogSearchFailure(exception, what);
            return default;
        }
    }

    [LoggerMessage(EventId = 22, Level = LogLevel.Error, Message = "No difference of builds {Left} and {Right}")]
    private partial void LogFailure(Exception exception, BuildUuid left, BuildUuid right);

    [LoggerMessage(
        EventId = 23,
        Level = LogLevel.Error,
        Message = "The search for differences of {What} failed; the next start repeats it"
    )]
    private partial void LogSearchFailure(Exception exception, string what);
}
