using System.Net;
using System.Net.Sockets;
using Builder.Publishing.Outgoing;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace Builder.Publishing.Channels;

/// <summary>Mail by SMTP. To a server that is not in a named network the connection is encrypted, or nothing is sent.</summary>
internal sealed class MailChannel(NotificationTarget target, GuardedConnector connector, SitePlace site, TimeProvider clock) : Channel
{
    /// <summary>Less than the lease of a sender.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private const int MaxInDigest = 200;
    private const int PortOfSmtps = 465;
    private const int PortOfSmtp = 25;

    public override int MaxEvents => target.Digest is null ? 1 : MaxInDigest;

    public override async Task<Delivery> SendAsync(IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken)
    {
        using var message = MailText.Write(events, target, site, clock.GetUtcNow());
        using var limit = new CancellationTokenSource(MaxWait, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var client = new SmtpClient();
            await ConnectAsync(client, both.Token);
            await client.SendAsync(message, both.Token);
            await client.DisconnectAsync(quit: true, both.Token);
            return Delivery.Done;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Delivery.Retry($"the mail server did not answer within {MaxWait.TotalSeconds} s");
        }
        catch (SmtpCommandException exception)
            when (exception.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted
                && (int)exception.StatusCode >= 500
            )
        {
            return new Delivery.Refused($"the mail server refused: {(int)exception.StatusCode} {exception.Message}");
        }
        catch (Exception exception)
            when (exception
                    is SmtpCommandException
                        or SmtpProtocolException
                        or AuthenticationException
                        or SslHandshakeException
                        or NotSupportedException
                        or IOException
                        or SocketException
            )
        {
            return new Delivery.Retry($"the mail server cannot be used: {exception.Message}");
        }
    }

    private async Task ConnectAsync(SmtpClient client, CancellationToken cancellationToken)
    {
        var address = target.Address;
        var isTls = address.Scheme == "smtps";
        var port =
            address.Port > 0 ? address.Port
            : isTls ? PortOfSmtps
            : PortOfSmtp;
        var socket = await connector.ConnectAsync(address.Host, port, isPlain: false, cancellationToken);
        var isNamed = target.Networks.IsNamed(((IPEndPoint)socket.RemoteEndPoint!).Address);
        try
        {
            await client.ConnectAsync(
                socket,
                address.Host,
                port,
                isTls ? SecureSocketOptions.SslOnConnect
                    : isNamed ? SecureSocketOptions.StartTlsWhenAvailable
                    : SecureSocketOptions.StartTls,
                cancellationToken
            );
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        if (target.User is { } user)
            await client.AuthenticateAsync(user, target.Token!, cancellationToken);
    }
}
