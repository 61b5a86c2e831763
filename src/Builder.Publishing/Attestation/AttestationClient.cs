using System.Net.Sockets;

namespace Builder.Publishing.Attestation;

/// <summary>Asks the signer.</summary>
public sealed class AttestationClient(string socketPath)
{
    public string SocketPath => socketPath;

    /// <exception cref="SignerException">It does not answer, or refuses the request as a whole.</exception>
    public async Task<SignerAnswer> AskAsync(SignerRequest request, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
            await using var stream = new NetworkStream(socket);
            await SignerProtocol.SendAsync(stream, request, SignerJson.Default.SignerRequest, cancellationToken);
            var answer =
                await SignerProtocol.ReceiveAsync(stream, SignerJson.Default.SignerAnswer, cancellationToken)
                ?? throw new IOException("it ended the connection");
            return answer.Error is { } error ? throw new SignerException($"the signer refused: {error}") : answer;
        }
        catch (Exception exception) when (exception is SocketException or IOException or ArgumentOutOfRangeException)
        {
            throw new SignerException(
                $"no signer answers at {socketPath} ({Reason(exception)}): start \"builder signer\", or look into its log",
                exception
            );
        }
    }

    /// <summary>The framework's text for a socket that is not there names an address.</summary>
    private static string Reason(Exception exception) =>
        exception is SocketException { SocketErrorCode: SocketError.AddressNotAvailable } ? "there is no such socket" : exception.Message;
}
