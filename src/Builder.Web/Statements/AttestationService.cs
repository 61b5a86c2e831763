using Builder.Publishing.Attestation;
using Builder.Storage.Database;
using Builder.Storage.Leases;
using Builder.Storage.Statements;
using Builder.Web.Monitoring;
using Builder.Web.Options;

namespace Builder.Web.Statements;

/// <summary>Has the signer make statements, in the background. The site itself has no key. Without a signer it does nothing, and what is due stays due.</summary>
internal sealed partial class AttestationService(
    BuilderDatabase database,
    WorkLeases leases,
    WebOptions options,
    SiteTroubles troubles,
    ILogger<AttestationService> log
) : BackgroundService
{
    /// <summary>Keys are asked for so often, and refused builds are looked for.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    /// <summary>Failures in a row before the log says so: signer and site may be starting together.</summary>
    private const int FailuresBeforeWarning = 5;

    private readonly SemaphoreSlim wake = new(0, 1);
    private int failures;
    private string? lastFailure;

    /// <summary>A build was stored. Returns at once.</summary>
    public void Wake()
    {
        lock (wake)
        {
            if (wake.CurrentCount == 0)
                wake.Release();
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Signer is { } socket
            ? leases.RunAsync("statements", (lease, cancellationToken) => RunAsync(socket, lease, cancellationToken), stoppingToken)
            : Task.CompletedTask;

    private async Task RunAsync(string socket, WorkLease lease, CancellationToken stoppingToken)
    {
        var runner = new AttestationRunner(database, new AttestationClient(socket), options.Clock, lease);
        var isFirst = true;
        while (true)
        {
            var succeeded = await TryAsync(runner, isFirst, stoppingToken);
            isFirst &= !succeeded;
            await wake.WaitAsync(succeeded ? Interval : PauseAfterFailure, stoppingToken);
        }
    }

    private async Task<bool> TryAsync(AttestationRunner runner, bool isFirst, CancellationToken stop)
    {
        try
        {
            await runner.FetchKeysAsync(stop);
            // Builds from before there was a signer, or before a rollback.
            if (isFirst)
                await AttestationTasks.AddMissingAsync(database, isAgain: false, stop);
            while (await runner.RunBatchAsync(stop) > 0)
            {
                // Until nothing is due.
            }
            if (lastFailure is not null)
                LogSigning();
            lastFailure = null;
            failures = 0;
            return true;
        }
        catch (SignerException exception)
        {
            if (++failures >= FailuresBeforeWarning && lastFailure != exception.Message)
            {
                LogNoSigner(exception.Message);
                lastFailure = exception.Message;
            }
        }
        catch (Exception exception)
            when (exception is not LeaseLostException && (exception is not OperationCanceledException || !stop.IsCancellationRequested))
        {
            if (troubles.Note(exception) is null)
                LogFailure(exception);
        }
        return false;
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "No statements about builds at present: {Reason}")]
    private partial void LogNoSigner(string reason);

    [LoggerMessage(EventId = 31, Level = LogLevel.Information, Message = "The signer makes statements about builds again")]
    private partial void LogSigning();

    [LoggerMessage(EventId = 32, Level = LogLevel.Error, Message = "Statements about builds could not be kept; this is tried again")]
    private partial void LogFailure(Exception exception);
}
