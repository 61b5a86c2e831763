using System.Net;
using Builder.Server.Files;
using Builder.Server.Operations;
using Builder.Server.Options;
using Builder.Server.Shared;
using Builder.Server.State;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Builder.Server;

/// <summary>
/// One of several servers on one state in PostgreSQL. One serves; the others are standbys, which do not listen, and take over when it does not renew
/// its lease. A server that lost its lease closes its connections and is a standby again.
/// </summary>
public sealed class PairedServer(ServerOptions options, TimeProvider clock, ILoggerFactory loggers) : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly ILogger logger = loggers.CreateLogger("server");
    private readonly SharedStateOptions shared =
        options.SharedState ?? throw new ArgumentException("there is no shared state", nameof(options));
    private readonly StateDatabase database = new(options.SharedState!);
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> tasks = [];
    private FileStream? directoryLock;
    private OperationsEndpoint? operations;
    private volatile BuilderServer? serving;
    private volatile SeenLease? seen;
    private string? trouble;

    internal ServiceManager Manager { get; init; } = ServiceManager.FromEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>The port of metrics and health, where there is one.</summary>
    public int? MetricsPort => operations?.Port;

    /// <summary>The port that the server listens on while it serves; null while it is a standby.</summary>
    public int? Port => serving?.Port;

    /// <summary>Checks what it needs; returns when it serves or is a standby.</summary>
    /// <exception cref="IOException">The directory or the database cannot be used; the message says which.</exception>
    /// <exception cref="InvalidDataException">A later version of this program wrote the state.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        directoryLock = ServerDirectoryLock.Take(new ServerDirectory(options.Directory));
        if (options is { Upload: not null, SpoolDirectory: null })
            logger.SpoolIsLocal(options.Directory);
        try
        {
            await database.PrepareAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw new IOException($"the database of --state cannot be used: {exception.Message}", exception);
        }
        if (options.MetricsPort is { } port)
        {
            operations = new OperationsEndpoint(new IPEndPoint(options.Address, port), Measure, Health, clock);
            tasks.Add(operations.ServeAsync(stopping.Token));
        }
        tasks.Add(RunAsync());
        tasks.Add(Manager.KeepAliveAsync(_ => Task.FromResult(serving?.IsAlive() != false), clock, stopping.Token));
        Manager.Ready();
    }

    /// <summary>Gives the lease back: a standby takes over at once.</summary>
    public async Task StopAsync()
    {
        if (stopping.IsCancellationRequested)
            return;
        Manager.Stopping();
        await stopping.CancelAsync();
        await Task.WhenAll(tasks);
        operations?.Dispose();
        await database.DisposeAsync();
        directoryLock?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await using var lease = await WaitForLeaseAsync(stopping.Token);
                await ServeAsync(lease);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task<ServerLease> WaitForLeaseAsync(CancellationToken cancellationToken)
    {
        SeenLease? told = null;
        while (true)
        {
            var pause = shared.PollInterval;
            try
            {
                var now = await database.LookAsync(cancellationToken);
                if (trouble is not null)
                    logger.DatabaseIsBack();
                trouble = null;
                seen = now;
                var before = clock.GetTimestamp();
                if (!now.IsCurrent && await database.TryTakeAsync(now, cancellationToken) is { } epoch)
                {
                    logger.Serves(epoch, now.Holder);
                    return new ServerLease(database, epoch, before, clock, logger);
                }
                if (now.IsCurrent && told?.Epoch != now.Epoch)
                {
                    logger.Standby(now.Holder, now.Epoch);
                    told = now;
                }
            }
            catch (Exception exception) when (ServerLease.IsTrouble(exception) && !cancellationToken.IsCancellationRequested)
            {
                if (trouble is null)
                    logger.DatabaseTrouble(exception.Message);
                trouble = exception.Message;
                pause = RetryPause;
            }
            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    /// <summary>Serves until the lease is lost or the server stops.</summary>
    private async Task ServeAsync(ServerLease lease)
    {
        await using var server = new BuilderServer(options, clock, loggers) { Lease = lease };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        _ = lease.Lost.ContinueWith(_ => end.CancelAsync(), TaskScheduler.Default);
        try
        {
            await server.StartAsync(end.Token);
            serving = server;
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Told below.
        }
        catch (Exception exception)
            when (exception is LeaseLostException or IOException or InvalidDataException || ServerLease.IsTrouble(exception))
        {
            logger.CannotServe(exception.Message);
            await Task.Delay(RetryPause, clock, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            serving = null;
        }
        if (lease.Lost.IsCompletedSuccessfully)
            logger.Lost(await lease.Lost);
        await server.StopAsync();
        await lease.ReleaseAsync();
    }

    private (string? Trouble, string State) Health() =>
        serving is { } server ? (server.Trouble, "well: serving")
        : trouble is { } reason ? ($"the database of the state cannot be reached: {reason}", "")
        : (null, seen is { IsCurrent: true } other ? $"standby: \"{other.Holder}\" serves" : "standby");

    private string Measure()
    {
        var server = serving;
        return Metrics.RoleText(server is not null, server?.Lease?.Epoch ?? seen?.Epoch ?? 0) + server?.Measure();
    }
}
