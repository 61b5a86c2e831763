using System.Net;
using Builder.Posix;
using Builder.Proof.Keys;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Access;
using Builder.Server.Builds;
using Builder.Server.Connections;
using Builder.Server.Dispatch;
using Builder.Server.Files;
using Builder.Server.Logging;
using Builder.Server.Operations;
using Builder.Server.Options;
using Builder.Server.Records;
using Builder.Server.Scheduling;
using Builder.Server.Shared;
using Builder.Server.State;
using Builder.Server.Uploads;
using Microsoft.Extensions.Logging;

namespace Builder.Server;

/// <summary>
/// A build server: keeps schedule and queues, hands jobs to workers, collects what they build, and uploads it. Killed at any moment, it
/// goes on at the next start where it was.
/// </summary>
public sealed class BuilderServer(ServerOptions options, TimeProvider clock, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly ILogger logger = loggers.CreateLogger("server");
    private readonly ServerDirectory directory = new(options.Directory, options.SpoolDirectory);
    private readonly CancellationTokenSource stopping = new();
    private readonly Metrics metrics = new();
    private readonly FrameMemory memory = new(options.MaxFrameMemory);
    private readonly List<Listener> listeners = [];
    private readonly List<Task> tasks = [];
    private FileStream? directoryLock;
    private IJournal? journal;
    private ConnectionSlots? slots;

    /// <summary>Of their own, so that an operator gets in when workers have taken all others.</summary>
    private readonly ConnectionSlots localSlots = new(16);
    private BuildStore? store;
    private Dispatcher? farm;
    private SigningKey? recordKey;
    private Uploader? uploader;
    private OperationsEndpoint? operations;

    /// <summary>The right to serve a state in PostgreSQL; null where the state is in the directory, which this server locks itself.</summary>
    internal ServerLease? Lease { get; init; }

    internal ServiceManager Manager { get; init; } = ServiceManager.FromEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>The port listened on, also where the options said 0; 0 where there is none. Known after <see cref="StartAsync"/>.</summary>
    public int Port { get; private set; }

    /// <summary>The port of metrics and health, where there is one.</summary>
    public int? MetricsPort => operations?.Port;

    /// <summary>Reads the state and listens; returns when peers can connect.</summary>
    /// <exception cref="IOException">The directory cannot be used, or the address not listened on; the message says which.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await OpenAsync(cancellationToken);
        await farm!.RecoverAsync();
        await farm.SettledAsync();
        if (options.Upload is { } target)
            uploader = new Uploader(target, options.UploadCredentials, farm, store!, metrics, clock, logger);
        cancellationToken.ThrowIfCancellationRequested();
        var observers = new BuildObservers(farm, options, logger);
        var requests = new ClientRequests(farm, uploader, Lease);
        var reception = new ConnectionHandler(farm, observers, Admission(), requests, memory, options, clock, logger);
        slots = ConnectionSlots.OfThisProcess();
        if (options.Port is { } port)
        {
            listeners.Add(Listener.OnTcp(new IPEndPoint(options.Address, port), slots, options.PortOption, clock, logger));
            Port = ((IPEndPoint)listeners[0].Endpoint).Port;
        }
        if (options.Socket is { } path)
            listeners.Add(Listener.OnFile(path, PeerKind.Client, localSlots, clock, logger));
        if (options.WorkerSocket is { } workers)
            listeners.Add(Listener.OnFile(workers, PeerKind.Worker, slots, clock, logger));
        foreach (var listener in listeners)
        {
            logger.Listening($"{listener.Endpoint}");
            tasks.Add(
                listener.ServeAsync(
                    (socket, cancellationToken) => reception.ServeAsync(socket, listener.OnlyKind, cancellationToken),
                    stopping.Token
                )
            );
        }
        if (options.MetricsPort is { } metricsPort && Lease is null)
        {
            operations = new OperationsEndpoint(
                new IPEndPoint(options.Address, metricsPort),
                Measure,
                () => (journal!.Trouble, "well"),
                clock
            );
            tasks.Add(operations.ServeAsync(stopping.Token));
        }
        tasks.Add(KeepTimeAsync(farm, stopping.Token));
        if (Lease is null)
        {
            tasks.Add(Manager.KeepAliveAsync(_ => Task.FromResult(IsAlive()), clock, stopping.Token));
            Manager.Ready();
        }
        if (uploader is not null)
            tasks.Add(uploader.RunAsync(stopping.Token));
    }

    /// <summary>Writes the state as the original's file, instead of starting.</summary>
    /// <returns>What the file has no place for, and where the file before is kept, in lines for the operator.</returns>
    public async Task<IReadOnlyList<string>> ExportStateAsync()
    {
        await OpenJournalAsync(CancellationToken.None);
        var (losses, written) = farm!.Look(state => (OriginalState.Losses(state), OriginalState.Write(directory.State, state, clock)));
        await farm.RequestAsync(
            (scheduler, _) =>
            {
                scheduler.SeeStateFile(written.Sha256);
                return null;
            }
        );
        return written.Kept is { } kept ? [.. losses, $"the file before is kept as {kept}"] : losses;
    }

    /// <summary>Says of each record of the journal whether it can be read, instead of starting.</summary>
    /// <param name="isWriting">Makes what can be saved the journal; the damaged files are kept in a directory beside it.</param>
    /// <param name="say">Gets each line of the report.</param>
    /// <returns>True where something is damaged.</returns>
    /// <exception cref="IOException">The directory cannot be used, or what was saved not be written; the message says which.</exception>
    /// <exception cref="InvalidDataException">A later version of this program wrote the journal.</exception>
    public bool Recover(bool isWriting, Action<string> say)
    {
        if (!Directory.Exists(directory.Journal))
            throw new IOException($"there is no journal in {directory.Path}: {directory.Journal} does not exist");
        directoryLock = ServerDirectoryLock.Take(directory);
        var recovery = new JournalRecovery(new JournalFiles(directory.Journal), say);
        recovery.Read();
        if (isWriting)
            say($"written; the files as they were are kept in {recovery.Write(clock)}");
        return recovery.HasLoss;
    }

    /// <summary>Waits for nothing: running jobs are queued again at the next start.</summary>
    public async Task StopAsync()
    {
        if (stopping.IsCancellationRequested)
            return;
        if (Lease is null)
            Manager.Stopping();
        await stopping.CancelAsync();
        await Task.WhenAll(tasks);
        operations?.Dispose();
        foreach (var listener in listeners)
            listener.Dispose();
        if (farm is not null)
            logger.Stopped(farm.Look(state => state.Leases.Count));
        if (journal is not null)
            await journal.DisposeAsync();
        uploader?.Dispose();
        recordKey?.Dispose();
        slots?.Dispose();
        localSlots.Dispose();
        directoryLock?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopping.Dispose();
    }

    private async Task OpenJournalAsync(CancellationToken cancellationToken)
    {
        var state = new SchedulerState();
        if (Lease is { } lease)
        {
            var shared = await PostgresJournal.OpenAsync(lease, state.Apply, clock, logger, cancellationToken);
            recordKey ??= await SharedKey.OpenAsync(lease, directory, cancellationToken);
            Open(state, shared, isStateNewer: false);
            return;
        }
        directoryLock ??= ServerDirectoryLock.Take(directory);
        var isStateNewer = IsStateNewer();
        Open(state, DirectoryJournal.Open(directory.Journal, state.Apply, clock, logger), isStateNewer);
    }

    private void Open(SchedulerState state, IJournal opened, bool isStateNewer)
    {
        journal = opened;
        var scheduler = new Scheduler(state, new OrbTemplates(options.ConfigurationDirectory), options.MaxAttempts, opened.Append)
        {
            Hold = options.Hold,
            Rebuilding = options.Rebuilding,
        };
        if (!opened.IsShared)
            OriginalState.Read(directory.State, scheduler, opened.IsNew, isStateNewer, options.State, clock, logger);
        PrivateFiles.CreateDirectory(directory.Spool);
        var inputs = new InputStore(directory);
        store = new BuildStore(directory, options, new RecordMaker(recordKey ??= ServerKey.Open(directory)), inputs, clock);
        PrivateFiles.CreateDirectory(directory.Running);
        farm = new Dispatcher(scheduler, opened, store, inputs, metrics, clock, logger)
        {
            IsUploading = options.Upload is not null,
            PauseAfterDiskTrouble = options.PauseAfterDiskTrouble,
            ResumeTimeout = options.ResumeTimeout,
        };
        opened.WritesAgain = farm.DiskIsBack;
    }

    /// <summary>A full disk is no reason to give up: there will be room again.</summary>
    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                await OpenJournalAsync(cancellationToken);
                return;
            }
            catch (IOException exception) when (ServerDirectoryLock.IsFull(exception))
            {
                if (isFirst)
                    logger.WaitsToStart(exception.Message);
                if (journal is not null)
                    await journal.DisposeAsync();
                journal = null;
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }

    /// <summary>To be asked before the journal is opened, which writes to it.</summary>
    private bool IsStateNewer() =>
        File.Exists(directory.State)
        && Directory.Exists(directory.Journal)
        && File.GetLastWriteTimeUtc(directory.State)
            > Directory.EnumerateFiles(directory.Journal).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty().Max();

    /// <summary>Why the server is not well, or null.</summary>
    internal string? Trouble => journal!.Trouble;

    /// <summary>A sign of life needs the scheduler's lock: a server that hangs gives none.</summary>
    internal bool IsAlive() => farm!.Look(static _ => true);

    internal string Measure()
    {
        var waiting = farm!.CountWaiting();
        var awaited = farm.CountAwaited();
        return farm.Look(state =>
            metrics.Text(state, Timestamp.Now(clock), waiting, slots!.InUse, memory.InUse, journal!.Trouble is null, awaited)
        );
    }

    private Admission Admission()
    {
        var keys = new AccessKeys(directory.Path, clock);
        // A damaged one stops the start here.
        _ = keys.List();
        var admission = new Admission(options, keys);
        if (admission.RefuseToListen() is { } reason)
            throw new IOException(reason);
        var isLoopback = IPAddress.IsLoopback(options.Address);
        if (!isLoopback && options.IsInsecure)
            logger.Insecure(options.Address.ToString());
        else if (!isLoopback && options.Tls is null)
            logger.KeysInClear(options.Address.ToString());
        return admission;
    }

    private static async Task KeepTimeAsync(Dispatcher served, CancellationToken cancellationToken)
    {
        try
        {
            await served.KeepTimeAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }
}
