using System.Net.Sockets;
using System.Text;
using Builder.Publishing.Files;

namespace Builder.Publishing.Signing;

/// <summary>
/// Signs for others on this machine, over a socket that its group may use. It runs as the user who owns the keys: the web role
/// can have content signed while the signer runs, and can never take a key away.
/// </summary>
public sealed class SignerServer(IReadOnlyDictionary<SignatureKind, ISigner> signers, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Serves until it is cancelled; the socket is gone afterwards.</summary>
    public async Task RunAsync(string socketPath, Action ready, CancellationToken cancellationToken)
    {
        File.Delete(socketPath);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        File.SetUnixFileMode(socketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        listener.Listen(16);
        ready();
        try
        {
            while (true)
            {
                using var client = await listener.AcceptAsync(cancellationToken);
                await ServeAsync(client, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end.
        }
        finally
        {
            File.Delete(socketPath);
        }
    }

    /// <summary>One at a time: there is one publication at a time.</summary>
    private async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await using var stream = new NetworkStream(client);
            var (kind, content) = await SocketSigner.ReceiveAsync(stream, either.Token);
            try
            {
                var signed = signers.TryGetValue((SignatureKind)kind, out var signer)
                    ? await signer.SignAsync((SignatureKind)kind, content, either.Token)
                    : throw new RepositoryException($"there is no key for signatures of kind {(SignatureKind)kind}");
                await SocketSigner.SendAsync(stream, 0, signed, either.Token);
            }
            catch (RepositoryException exception)
            {
                await SocketSigner.SendAsync(stream, 1, Encoding.UTF8.GetBytes(exception.Message), either.Token);
            }
        }
        catch (Exception exception)
            when (exception is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // A client that went away or dawdles concerns nobody else; the next is served.
        }
    }
}
