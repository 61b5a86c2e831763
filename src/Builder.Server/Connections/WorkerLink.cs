using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Server.Dispatch;

namespace Builder.Server.Connections;

/// <summary>
/// What a worker says, without its heartbeats. An extended worker that falls silent is lost. A worker of the original sends no signs of life,
/// and when it is killed its script keeps the connection open: of its job only the silence of the console is seen.
/// </summary>
internal sealed class WorkerLink : IDisposable
{
    private readonly Peer peer;
    private readonly SeenWorkers.Presence presence;
    private readonly TimeSpan maxSilence;
    private readonly CancellationTokenSource silence;
    private readonly CancellationTokenSource either;
    private bool isExpected;

    public WorkerLink(
        Peer peer,
        SeenWorkers.Presence presence,
        TimeSpan maxSilence,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        this.peer = peer;
        this.presence = presence;
        this.maxSilence = maxSilence;
        silence = new CancellationTokenSource(peer.IsExtended ? maxSilence : Timeout.InfiniteTimeSpan, clock);
        isExpected = peer.IsExtended;
        either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
    }

    /// <summary>The worker has a job: from now on it is to be heard of, also where it sends no heartbeats.</summary>
    public void ExpectSigns()
    {
        isExpected = true;
        silence.CancelAfter(maxSilence);
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
                if (incoming is not null)
                    presence.Heard();
                if (!isExpected)
                    return incoming;
                // While a result comes in, the deadline of its frame is the one that counts.
                silence.CancelAfter(incoming is Incoming.Result ? Timeout.InfiniteTimeSpan : maxSilence);
                if (incoming is not Incoming.Message(Command.Heartbeat))
                    return incoming;
            }
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested)
        {
            throw new ProtocolException(
                ProtocolErrorReason.DeadlinePassed,
                peer.IsExtended
                    ? $"the worker was silent for more than {maxSilence.TotalSeconds} seconds"
                    : $"the job printed nothing for {maxSilence.TotalSeconds} seconds, and its worker sends no other sign of life"
            );
        }
    }

    public void Dispose()
    {
        silence.Dispose();
        either.Dispose();
    }
}
