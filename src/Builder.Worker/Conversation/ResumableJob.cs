using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Worker.Conversation;

/// <summary>
/// A job whose server may go away: the job runs on, the worker comes back to the lease at the same server or another one, sends what that one does not
/// have of the console, and delivers the result there.
/// </summary>
internal sealed class ResumableJob : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly BuildUuid uuid;
    private readonly LeaseMessage lease;
    private readonly KeptConsole console;
    private readonly Func<CancellationToken, Task<ServerConnection>> openAsync;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource end = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Task<string?> keeping;
    private volatile Link current;

    /// <param name="openAsync">Connects to the server that serves.</param>
    /// <param name="tell">Gets a line for the log.</param>
    public ResumableJob(
        ServerConnection connection,
        BuildUuid uuid,
        LeaseMessage lease,
        KeptConsole console,
        Func<CancellationToken, Task<ServerConnection>> openAsync,
        TimeProvider clock,
        Action<string> tell
    )
    {
        this.uuid = uuid;
        this.lease = lease;
        this.console = console;
        this.openAsync = openAsync;
        this.clock = clock;
        current = new Link(connection);
        keeping = KeepAsync(tell);
    }

    /// <summary>Cancelled when the job is to end.</summary>
    public CancellationToken End => end.Token;

    /// <exception cref="ProtocolException">No server wants the job any more.</exception>
    public async Task ThrowIfLostAsync()
    {
        if (keeping.IsCompleted && await keeping is { } reason)
            throw Lost(reason);
    }

    /// <summary>Sends the result, again where the connection breaks, until a server says that it has it.</summary>
    /// <exception cref="ProtocolException">No server wants it any more, or it cannot be sent.</exception>
    public async Task DeliverAsync(Func<ServerConnection, Task> sendAsync)
    {
        while (true)
        {
            var link = current;
            if (!keeping.IsCompleted && !link.Lost.Task.IsCompleted)
            {
                link.HasResult = true;
                try
                {
                    await sendAsync(link.Connection);
                    await link.Connection.FinishSendingAsync();
                }
                catch (Exception exception)
                    when (exception
                            is ProtocolException { InnerException: not ArtifactUnreadableException }
                                or IOException
                                or ObjectDisposedException
                                or System.Net.Sockets.SocketException
                    )
                {
                    // The reader of the connection is to find out too.
                    await link.Connection.DisposeAsync();
                }
            }
            await Task.WhenAny(keeping, link.Lost.Task);
            if (!keeping.IsCompleted)
            {
                await Task.WhenAny(keeping, link.Next.Task);
                continue;
            }
            if (await keeping is { } reason)
                throw Lost(reason);
            return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await keeping;
        await current.Connection.DisposeAsync();
        stopping.Dispose();
        end.Dispose();
    }

    private static ProtocolException Lost(string reason) => new(ProtocolErrorReason.Refused, $"the lease is lost: {reason}");

    /// <returns>Null when a server has the result, else why the job is lost.</returns>
    private async Task<string?> KeepAsync(Action<string> tell)
    {
        try
        {
            while (true)
            {
                var link = current;
                switch (await ListenAsync(link.Connection))
                {
                    case Command.Success when link.HasResult:
                        return null;
                    case Command.Failure(var reason):
                        return reason.ToString();
                    case null:
                        break;
                    case var other:
                        return $"the server sent {other.GetType().Name}";
                }
                link.Lost.SetResult();
                await link.Connection.DisposeAsync();
                tell(
                    $"build {uuid}: the connection to the server is lost; the job goes on, and the worker tries to come back for {lease.ResumeWithin.TotalSeconds} s"
                );
                var (next, refusal) = await ComeBackAsync();
                if (next is null)
                    return refusal;
                tell($"build {uuid}: the worker has come back to its job");
                current = new Link(next);
                link.Next.SetResult();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return "the worker stops";
        }
        finally
        {
            await end.CancelAsync();
        }
    }

    /// <returns>The last word of the server; null where the connection ended without one.</returns>
    private async Task<Command?> ListenAsync(ServerConnection connection)
    {
        try
        {
            while (true)
            {
                var command = await connection.ReadAsync(stopping.Token);
                if (command is not Command.Cancel(var which))
                    return command;
                if (which == uuid)
                    await end.CancelAsync();
            }
        }
        catch (ProtocolException)
        {
            return null;
        }
    }

    private async Task<(ServerConnection? Connection, string? Refusal)> ComeBackAsync()
    {
        var since = clock.GetTimestamp();
        var last = "";
        while (clock.GetElapsedTime(since) < lease.ResumeWithin)
        {
            ServerConnection? connection = null;
            try
            {
                connection = await openAsync(stopping.Token);
                var (lines, refusal) = await connection.ResumeAsync(new ResumeMessage(uuid, lease.Token), stopping.Token);
                if (refusal is not null)
                {
                    await connection.DisposeAsync();
                    return (null, refusal);
                }
                var attached = connection;
                await Task.Run(() => console.Attach(attached.Writer, lines), stopping.Token);
                return (connection, null);
            }
            catch (Exception exception) when (exception is ProtocolException or IOException)
            {
                if (connection is not null)
                    await connection.DisposeAsync();
                last = exception.Message;
            }
            catch
            {
                if (connection is not null)
                    await connection.DisposeAsync();
                throw;
            }
            await Task.Delay(Pause * (0.75 + (Random.Shared.NextDouble() / 2)), clock, stopping.Token);
        }
        return (null, $"no server took the job back within {lease.ResumeWithin.TotalSeconds} s: {last}");
    }

    private sealed class Link(ServerConnection connection)
    {
        public ServerConnection Connection { get; } = connection;

        public bool HasResult { get; set; }

        public TaskCompletionSource Lost { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Done when the worker has come back by another connection.</summary>
        public TaskCompletionSource Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
