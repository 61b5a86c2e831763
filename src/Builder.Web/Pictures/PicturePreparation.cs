using System.Threading.Channels;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Leases;
using Builder.Web.Builds;
using Builder.Web.Monitoring;

namespace Builder.Web.Pictures;

/// <summary>
/// Draws pictures before anybody asks: of builds that just came in, of those whose pictures are an older drawing's, and, after a start, of
/// the latest builds. One at a time, behind all that somebody waits for. What is lost with the process is found at the next start, or drawn on
/// request. Several processes share the builds by leases; a lost lease does no harm, as a picture is the same whoever draws it.
/// </summary>
internal sealed partial class PicturePreparation(
    BuilderDatabase database,
    PictureMaker maker,
    WorkLeases leases,
    SiteTroubles troubles,
    ILogger<PicturePreparation> log
) : BackgroundService
{
    /// <summary>Beyond that builds are left to whoever asks for them.</summary>
    private const int MaxQueued = 1024;

    /// <summary>How many of the latest builds are looked through after a start.</summary>
    private const int MaxRecent = 100;

    private readonly Channel<BuildUuid> queue = Channel.CreateBounded<BuildUuid>(
        new BoundedChannelOptions(MaxQueued) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
    );

    private readonly HeldElsewhere<BuildUuid> held = new(leases.Duration / 3);
    private readonly HashSet<BuildUuid> waiting = [];
    private TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Builds that came in and are to be looked at.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>Returns at once.</summary>
    public void Enqueue(BuildUuid build)
    {
        lock (waiting)
        {
            if (!waiting.Add(build))
                return;
            if (!queue.Writer.TryWrite(build))
            {
                waiting.Remove(build);
                return;
            }
            if (idle.Task.IsCompleted)
                idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Completes when all that was enqueued so far has been looked at.</summary>
    public Task WhenIdleAsync()
    {
        lock (waiting)
            return idle.Task;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What just came in is likelier to be looked at than what was there before.
        var recent = await RecentAsync(stoppingToken);
        while (true)
        {
            if (queue.Reader.TryRead(out var build))
            {
                lock (waiting)
                    waiting.Remove(build);
                using var span = BuildTrace.StartBackground(build, "pictures");
                await PrepareAsync(build, stoppingToken);
                continue;
            }
            else if (!recent.TryDequeue(out build) && !held.TryTake(out build))
            {
                lock (waiting)
                {
                    if (waiting.Count + held.Count == 0)
                        idle.TrySetResult();
                }
                await WaitAsync(stoppingToken);
                continue;
            }
            await PrepareAsync(build, stoppingToken);
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var arrived = queue.Reader.WaitToReadAsync(cancellationToken).AsTask();
        if (held.Wait is not { } wait)
        {
            await arrived;
            return;
        }
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(arrived, Task.Delay(wait, TimeProvider.System, until.Token));
        await until.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<Queue<BuildUuid>> RecentAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await database.OpenReadAsync(cancellationToken);
            return new Queue<BuildUuid>(
                await session.QueryAsync(
                    """
                    SELECT uuid FROM build
                    WHERE id > (SELECT MAX(id) FROM build) - @most
                    ORDER BY id DESC
                    """,
                    static row => row.Uuid(0),
                    cancellationToken,
                    ("@most", MaxRecent)
                )
            );
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailure(exception, "the latest builds", "they were not found");
            return new Queue<BuildUuid>();
        }
    }

    private async Task PrepareAsync(BuildUuid uuid, CancellationToken cancellationToken)
    {
        try
        {
            BuildFacts? build;
            List<ArtifactFacts> artifacts = [];
            await using (var session = await database.OpenReadAsync(cancellationToken))
            {
                build = await BuildQueries.FindAsync(session, uuid, cancellationToken);
                if (build is not null)
                    artifacts = await BuildQueries.ArtifactsAsync(session, build.Id, cancellationToken);
            }
            // It may have been removed while it waited.
            if (build is null)
                return;
            var orders = new[]
            {
                BuildPage.ShowsTreemap(build, artifacts) ? PictureOrder.Treemap(build, artifacts) : null,
                PictureOrder.Dependencies(artifacts),
            };
            if (orders.All(order => order is null || maker.IsThere(order)))
                return;
            await using var lease = await leases.TryTakeAsync($"pictures of {uuid}", cancellationToken);
            if (lease is null)
            {
                held.Add(uuid);
                return;
            }
            foreach (var order in orders)
                await PrepareAsync(build, order, cancellationToken);
        }
        catch (Exception exception) when (troubles.Note(exception) is not null)
        {
            // They are drawn when somebody asks, or after the next start.
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailure(exception, $"build {uuid}", "its pictures were not drawn");
        }
    }

    private async Task PrepareAsync(BuildFacts build, PictureOrder? order, CancellationToken cancellationToken)
    {
        if (order is null)
            return;
        try
        {
            var (isThere, reason) = await maker.PrepareAsync(order, cancellationToken);
            if (!isThere)
                LogNothingToDraw(order.Kind, build.Job, build.Uuid, order.Source.Path, reason);
        }
        catch (DamagedContentException exception)
        {
            LogNothingToDraw(order.Kind, build.Job, build.Uuid, order.Source.Path, exception.Message);
        }
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Error, Message = "Pictures of {What}: {Consequence}")]
    private partial void LogFailure(Exception error, string what, string consequence);

    [LoggerMessage(EventId = 21, Level = LogLevel.Information, Message = "No {Kind} of {Job} {Build} from {Source}: {Reason}")]
    private partial void LogNothingToDraw(string kind, string job, BuildUuid build, ByteString source, string? reason);
}
