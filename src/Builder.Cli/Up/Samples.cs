using Builder.Cli.Connecting;
using Builder.Cli.Errors;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Up;

/// <summary>
/// Schedules the sample jobs, as any client would, and has those built once more whose point is the verdict. Started again after
/// whatever happened, it does what is still to be done.
/// </summary>
internal sealed class Samples(RemoteAddress remote, Platform platform, BuilderDatabase database, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var wanting = await ScheduleAsync(cancellationToken);
            using var timer = new PeriodicTimer(BetweenLooks, clock);
            while (wanting.Count > 0)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
                wanting = await StillWantingAsync(wanting, cancellationToken);
            }
            logger.SamplesDone();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ended in between: the next start goes on.
        }
    }

    private async Task<List<SampleJob>> ScheduleAsync(CancellationToken cancellationToken)
    {
        var info = await InfoAsync(cancellationToken);
        var known = info.Schedule.Select(item => item.Job.Name).ToHashSet();
        foreach (var sample in SampleJob.All.Where(sample => !known.Contains(sample.Name.Bytes)))
        {
            await AskAsync(new Command.Schedule(Period.Never, sample.ToScriptJob(platform)), cancellationToken);
            logger.SampleScheduled(sample.Name.Value);
        }
        return [.. SampleJob.All];
    }

    /// <summary>The samples whose builds are not yet all stored; those that neither wait nor run are queued.</summary>
    private async Task<List<SampleJob>> StillWantingAsync(List<SampleJob> samples, CancellationToken cancellationToken)
    {
        // Asked before the builds are counted: a job that ends in between is then seen as under way, not as missing.
        var info = await InfoAsync(cancellationToken);
        var underWay = info
            .Running.Select(running => running.Job.Name)
            .Concat(info.Queues.SelectMany(queue => queue.Jobs).Select(job => job.Name))
            .ToHashSet();
        var left = new List<SampleJob>();
        foreach (var sample in samples)
        {
            var builds = await CountBuildsAsync(sample.Name, cancellationToken);
            if (builds >= sample.Builds)
                continue;
            left.Add(sample);
            if (builds > 0 && !underWay.Contains(sample.Name.Bytes))
            {
                await AskAsync(new Command.Execute(sample.Name.Bytes, platform.Bytes), cancellationToken);
                logger.SampleRepeated(sample.Name.Value);
            }
        }
        return left;
    }

    private async Task<long> CountBuildsAsync(JobName name, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.IntegerAsync(
            """
            SELECT COUNT(*)
            FROM build
            JOIN job ON job.id = build.job
            WHERE job.name = @name
            """,
            cancellationToken,
            ("@name", name.Value)
        );
    }

    private async Task<ServerInfo> InfoAsync(CancellationToken cancellationToken)
    {
        ServerInfo? info = null;
        using var connection = await ServerConnection.OpenAsync(remote, cancellationToken);
        await connection.AskAsync(
            new Command.Info(),
            answer =>
            {
                info = (answer as Command.InfoReply)?.Server;
                return Task.CompletedTask;
            },
            cancellationToken
        );
        return info ?? throw new CommandException($"the server at {remote} did not say what it has");
    }

    private async Task AskAsync(Command command, CancellationToken cancellationToken)
    {
        using var connection = await ServerConnection.OpenAsync(remote, cancellationToken);
        await connection.AskAsync(command, _ => Task.CompletedTask, cancellationToken);
    }
}
