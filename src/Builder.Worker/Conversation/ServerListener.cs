using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Worker.Conversation;

/// <summary>Listens to the server while a job runs: it may be gone, or want the job to end.</summary>
internal sealed class ServerListener : IAsyncDisposable
{
    private readonly ServerConnection connection;
    private readonly BuildUuid uuid;
    private readonly CancellationTokenSource end = new();
    private readonly CancellationTokenSource stopListening = new();
    private readonly Task<Command?> listening;
    private volatile bool isResultSent;

    public ServerListener(ServerConnection connection, BuildUuid uuid)
    {
        this.connection = connection;
        this.uuid = uuid;
        listening = ListenAsync();
    }

    /// <summary>Cancelled when the job is to end.</summary>
    public CancellationToken End => end.Token;

    /// <exception cref="ProtocolException">The server went away before the result was there to be sent.</exception>
    public async Task ThrowIfLostAsync()
    {
        if (!listening.IsCompleted)
            return;
        throw await listening is { } word
            ? ServerConnection.Unexpected(word, "nothing before the result")
            : new ProtocolException(
                ProtocolErrorReason.ConnectionLost,
                "the server closed the connection in mid job: it has ended, or wants the job no more"
            );
    }

    /// <summary>From here on the server may close.</summary>
    public void ResultIsOnItsWay() => isResultSent = true;

    /// <summary>The server's last word: that it has the build. A worker of the plain protocol is only told by the close.</summary>
    /// <exception cref="ProtocolException">The server did not take the result.</exception>
    public async Task AcknowledgedAsync(TimeSpan within)
    {
        stopListening.CancelAfter(within); // real time is enough of a bound here
        Command? word;
        try
        {
            word = await listening;
        }
        catch (OperationCanceledException)
        {
            throw new ProtocolException(ProtocolErrorReason.DeadlinePassed, "the server does not say whether it has the result");
        }
        if (connection.IsExtended ? word is not Command.Success : word is not (null or Command.Success))
            throw ServerConnection.Unexpected(word, "its word that it has the result");
    }

    public async ValueTask DisposeAsync()
    {
        await stopListening.CancelAsync();
        try
        {
            await listening;
        }
        catch (Exception exception) when (exception is OperationCanceledException or ProtocolException)
        {
            // What the server had to say has been heard or does not matter any more.
        }
        stopListening.Dispose();
        end.Dispose();
    }

    private async Task<Command?> ListenAsync()
    {
        try
        {
            while (true)
            {
                var command = await connection.ReadAsync(stopListening.Token);
                if (connection.IsExtended && command is Command.Cancel(var which))
                {
                    if (which == uuid)
                        await end.CancelAsync();
                    continue;
                }
                return command;
            }
        }
        finally
        {
            if (!isResultSent)
                await end.CancelAsync();
        }
    }
}
