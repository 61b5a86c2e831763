using Builder.Storage.Database;

namespace Builder.Storage.Leases;

/// <summary>
/// The right to do a work that one process does at a time. It is renewed in the background until it is disposed of. A holder may be stopped at any moment and not know
/// that it has lost the lease: so each transaction that writes a result calls <see cref="RequireAsync"/>.
/// </summary>
public sealed class WorkLease : IAsyncDisposable
{
    private readonly WorkLeases leases;
    private readonly string? token;
    private readonly CancellationTokenSource lost = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Task renewing;

    /// <param name="token">Null where there is one process: then the lease always holds.</param>
    internal WorkLease(WorkLeases leases, string work, string? token)
    {
        this.leases = leases;
        this.token = token;
        Work = work;
        renewing = token is null ? Task.CompletedTask : RenewAsync();
    }

    public string Work { get; }

    /// <summary>Cancelled once the lease is known to be lost, or could not be renewed for its whole time.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>
    /// Inside the transaction that writes a result. Until that transaction ends nobody else can take the lease.
    /// </summary>
    /// <exception cref="LeaseLostException">Another process has the work.</exception>
    public async Task RequireAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        if (
            token is not null
            && !await session.AnyAsync(
                "SELECT 1 FROM work_lease WHERE work = @work AND token = @token FOR SHARE",
                cancellationToken,
                ("@work", Work),
                ("@token", token)
            )
        )
            throw new LeaseLostException(Work);
    }

    /// <summary>Before a step that is not in the database, such as a rename. Between this and the step the lease may still be lost.</summary>
    /// <exception cref="LeaseLostException">Another process has the work.</exception>
    public async Task RequireNowAsync(CancellationToken cancellationToken)
    {
        if (token is not null && !await leases.RenewAsync(Work, token, cancellationToken))
            throw new LeaseLostException(Work);
    }

    /// <summary>Lets another process take it at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (token is not null)
            await leases.ReleaseAsync(Work, token);
        stopping.Dispose();
        lost.Dispose();
    }

    private async Task RenewAsync()
    {
        // Real time: what is waited for is the other processes.
        var renewed = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await Task.Delay(leases.Duration / 3, TimeProvider.System, stopping.Token);
            var began = TimeProvider.System.GetTimestamp();
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
                patience.CancelAfter(leases.Duration / 3);
                if (!await leases.RenewAsync(Work, token!, patience.Token))
                    break;
                renewed = began;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                leases.NoteFailure(exception);
                if (TimeProvider.System.GetElapsedTime(renewed) >= leases.Duration)
                    break;
            }
        }
        await lost.CancelAsync();
    }
}
