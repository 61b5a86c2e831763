using Builder.Protocol;
using Builder.Protocol.Framing;

namespace Builder.Server.Connections;

/// <summary>What a worker says, without its heartbeats. An extended worker that falls silent is lost; of others the kernel finds out.</summary>
internal sealed class WorkerLink : IDisposable
{
    private readonly Peer peer;
    private readonly TimeSpan longestSilence;
    private readonly CancellationTokenSource silence;
    private readonly CancellationTokenSource either;

    public WorkerLink(Peer peer, TimeSpan longestSilence, TimeProvider clock, CancellationToken cancellationToken)
    {
        this.peer = peer;
        this.longestSilence = longestSilence;
        silence = new CancellationTokenSource(peer.IsExtended ? longestSilence : Timeout.InfiniteTimeSpan, clock);
        either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
    }

    /// <summary>The next message, or null where the worker went away.</summary>
    /// <exception cref="ProtocolException">The protocol or the connection broke, or the worker was silent for too long.</exception>
    public async ValueTask<Incoming?> NextAsync()
    {
        try
        {
            while (true)
            {
                var incoming = await peer.Reader.ReadNextAsync(either.Token);
                if (!peer.IsExtended)
                    return incoming;
                // While a result comes in, the deadline of its frame is the one that counts.
                silence.CancelAfter(incoming is Incoming.Result ? Timeout.InfiniteTimeSpan : longestSilence);
                if (incoming is not Incoming.Message(Command.Heartbeat))
                    return incoming;
            }
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested)
        {
            throw new ProtocolException(
                ProtocolErrorReason.DeadlinePassed, $"the worker was silent for more than {longestSilence.TotalSeconds} seconds");
        }
    }

    public void Dispose()
    {
        silence.Dispose();
        either.Dispose();
    }
}
