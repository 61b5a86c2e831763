using System.Runtime.InteropServices;

namespace Builder.Cli.Worker;

/// <summary>TERM and Ctrl-C of a worker that finishes its job first: the first asks for that, a second one, or the time limit, ends it at once.</summary>
internal sealed class DrainSignals : IDisposable
{
    private readonly TimeSpan limit;
    private readonly CancellationTokenSource stop;
    private readonly CancellationTokenSource drain = new();
    private readonly PosixSignalRegistration[] registrations;

    /// <param name="limit">From the first signal until the job is ended all the same.</param>
    /// <param name="stop">Cancelled then.</param>
    public DrainSignals(TimeSpan limit, CancellationTokenSource stop)
    {
        this.limit = limit;
        this.stop = stop;
        registrations =
        [
            .. Array.ConvertAll([PosixSignal.SIGINT, PosixSignal.SIGTERM], signal => PosixSignalRegistration.Create(signal, Receive)),
        ];
    }

    public CancellationToken Drain => drain.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        drain.Dispose();
    }

    private void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        try
        {
            if (drain.IsCancellationRequested)
            {
                stop.Cancel();
                return;
            }
            stop.CancelAfter(limit);
            drain.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The worker has ended by itself.
        }
    }
}
