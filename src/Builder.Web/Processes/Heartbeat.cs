using Builder.Storage.Leases;
using Builder.Storage.Troubles;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Builder.Web.Processes;

/// <summary>Says from time to time that this process lives. Does nothing with SQLite.</summary>
internal sealed partial class Heartbeat(
    ProcessIdentity identity,
    WebProcesses processes,
    WorkLeases leases,
    IServer server,
    IHostApplicationLifetime lifetime,
    ILogger<Heartbeat> log
) : BackgroundService
{
    private bool isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!leases.IsShared)
            return;
        leases.Failed += Note;
        try
        {
            // The address is known once it listens.
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (lifetime.ApplicationStarted.Register(started.SetResult))
                await started.Task.WaitAsync(stoppingToken);
            while (true)
            {
                await BeatAsync(stoppingToken);
                await Task.Delay(leases.Duration / 3, TimeProvider.System, stoppingToken);
            }
        }
        finally
        {
            leases.Failed -= Note;
            await EndAsync();
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        try
        {
            var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "";
            await processes.BeatAsync(
                identity.Id,
                identity.Host,
                identity.ProcessId,
                identity.Version,
                address,
                leases.Duration,
                cancellationToken
            );
            await leases.SweepAsync(cancellationToken);
            isFailing = false;
        }
        catch (Exception exception) when (StorageTrouble.Of(exception) is not null)
        {
            Note(exception);
        }
    }

    private async Task EndAsync()
    {
        using var patience = new CancellationTokenSource(leases.Duration / 3);
        try
        {
            await processes.RemoveAsync(identity.Id, patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException || StorageTrouble.Of(exception) is not null)
        {
            // Others see that it is not heard of any more.
            Note(exception);
        }
    }

    private void Note(Exception exception)
    {
        if (isFailing)
            return;
        isFailing = true;
        LogFailure(exception.Message);
    }

    [LoggerMessage(
        EventId = 100,
        Level = LogLevel.Warning,
        Message = "Cannot renew this process's entry and its leases: {Reason}. Another process may go on with its work"
    )]
    private partial void LogFailure(string reason);
}
