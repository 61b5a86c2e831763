using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Dispatch;

namespace Builder.Server.Connections;

/// <summary>
/// A subscription to changes of queues, builds and workers: an answer when it begins, and one after each change, ten a second at most. What changed is
/// asked by other requests.
/// </summary>
internal static class ChangesSession
{
    public const string Verb = "changes";

    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Until the client goes away.</summary>
    public static async Task ServeAsync(ChangeSignal changes, Peer peer, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchAsync(peer, gone);
        try
        {
            while (true)
            {
                var next = changes.Next;
                await peer.Writer.WriteAsync(new Command.Answer(ByteString.FromUtf8("{}")), gone.Token);
                await next.WaitAsync(gone.Token);
                await Task.Delay(MinPause, clock, gone.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It went away.
        }
        finally
        {
            await gone.CancelAsync();
            await watching;
        }
    }

    private static async Task WatchAsync(Peer peer, CancellationTokenSource gone)
    {
        try
        {
            await peer.Reader.ReadAsync(gone.Token);
            await gone.CancelAsync();
        }
        catch (Exception exception) when (exception is ProtocolException or OperationCanceledException or ObjectDisposedException)
        {
            await gone.CancelAsync();
        }
    }
}
