using System.Collections.Concurrent;
using System.Net.Sockets;
using Builder.Posix;
using Microsoft.Extensions.Logging;

namespace Builder.Publishing.Attestation;

/// <summary>
/// The signer's sockets: one for the site, which its group may open, and one for the operator, which the signer's own user alone may. Jobs and workers reach
/// neither: they lie in a directory that no sandbox shows.
/// </summary>
public sealed partial class AttestationServer(AttestationSigner signer, TimeProvider clock, ILogger log)
{
    private const int MaxConnections = 16;

    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(2);

    /// <summary>Serves until it is cancelled; the sockets are gone afterwards.</summary>
    /// <param name="socket">Of the site.</param>
    /// <param name="mode">Who may open it.</param>
    /// <param name="operatorSocket">Of the operator.</param>
    /// <param name="ready">Called when both are there.</param>
    public async Task RunAsync(string socket, UnixFileMode mode, string operatorSocket, Action ready, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(MaxConnections);
        var connections = new ConcurrentDictionary<Task, bool>();
        using var ofSite = Listen(socket, mode);
        using var ofOperator = Listen(operatorSocket, PrivateFiles.FileMode);
        ready();
        try
        {
            await Task.WhenAll(
                AcceptAsync(ofSite, isOperator: false, slots, connections, cancellationToken),
                AcceptAsync(ofOperator, isOperator: true, slots, connections, cancellationToken)
            );
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end.
        }
        finally
        {
            File.Delete(socket);
            File.Delete(operatorSocket);
            await Task.WhenAll(connections.Keys);
        }
    }

    private static Socket Listen(string path, UnixFileMode mode)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, mode);
            listener.Listen(MaxConnections);
            return listener;
        }
        catch (Exception exception)
            when (exception is SocketException or IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            listener.Dispose();
            throw new SignerException($"cannot listen at {path}: {exception.Message}", exception);
        }
    }

    private async Task AcceptAsync(
        Socket listener,
        bool isOperator,
        SemaphoreSlim slots,
        ConcurrentDictionary<Task, bool> connections,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            await slots.WaitAsync(cancellationToken);
            var client = await listener.AcceptAsync(cancellationToken);
            var serving = ServeAsync(client, isOperator, cancellationToken);
            connections[serving] = true;
            _ = serving.ContinueWith(
                ended =>
                {
                    connections.TryRemove(ended, out _);
                    if (!cancellationToken.IsCancellationRequested)
                        slots.Release();
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }
    }

    private async Task ServeAsync(Socket client, bool isOperator, CancellationToken cancellationToken)
    {
        try
        {
            using var owned = client;
            await using var stream = new NetworkStream(client);
            while (true)
            {
                if (await ReceiveAsync(stream, cancellationToken) is not { } request)
                    return;
                // Large builds take their time: every byte of them is read.
                var answer = await signer.AnswerAsync(request, isOperator, cancellationToken);
                using var silence = new CancellationTokenSource(MaxSilence, clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
                await SignerProtocol.SendAsync(stream, answer, SignerJson.Default.SignerAnswer, either.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // A client that went away, or sends no requests, concerns nobody else.
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Without an answer the site asks again later, when the database may be there.
            LogNoAnswer(exception.Message, Storage.Troubles.StorageTrouble.Of(exception) is null ? exception : null);
        }
    }

    private async Task<SignerRequest?> ReceiveAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(MaxSilence, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        return await SignerProtocol.ReceiveAsync(stream, SignerJson.Default.SignerRequest, either.Token);
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Error, Message = "A request could not be answered; the site asks again: {Reason}")]
    private partial void LogNoAnswer(string reason, Exception? exception);
}
