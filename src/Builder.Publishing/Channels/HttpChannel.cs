using System.Net.Sockets;
using Builder.Protocol.Text;
using Builder.Publishing.Outgoing;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>A target that takes a request for each event.</summary>
public abstract class HttpChannel(NotificationTarget target, OutgoingHttp http) : Channel
{
    private const int MaxShown = 160;

    protected NotificationTarget Target { get; } = target;

    public sealed override async Task<Delivery> SendAsync(IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken)
    {
        using var request = await MakeAsync(events[0], cancellationToken);
        if (request is null)
            return Delivery.Done;
        try
        {
            return Judge(await http.SendAsync(request, cancellationToken));
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or IOException or SocketException)
        {
            return new Delivery.Retry(Reason(exception));
        }
    }

    /// <returns>Null where there is nothing to send for this event.</returns>
    protected abstract Task<HttpRequestMessage?> MakeAsync(OutboxEvent found, CancellationToken cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            http.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>RFC 9110 and what receivers mean by it: 408, 425, 429 and 5xx pass; other refusals are for this message.</summary>
    internal static Delivery Judge(OutgoingAnswer answer) =>
        answer.Status switch
        {
            >= 200 and < 300 => Delivery.Done,
            408 or 425 or 429 => new Delivery.Retry(Text(answer), answer.RetryAfter),
            >= 400 and < 500 => new Delivery.Refused(Text(answer)),
            >= 300 and < 400 => new Delivery.Retry($"{Text(answer)}: redirects are not followed; name the final address"),
            _ => new Delivery.Retry(Text(answer), answer.RetryAfter),
        };

    private static string Text(OutgoingAnswer answer)
    {
        var said = VisibleText.Line(answer.Beginning.Trim());
        return said.Length == 0
            ? $"HTTP status {answer.Status}"
            : $"HTTP status {answer.Status}: {(said.Length <= MaxShown ? said : said[..MaxShown])}";
    }

    /// <summary>The innermost reason says most: "Connection refused", not "An error occurred".</summary>
    private static string Reason(Exception exception) =>
        exception is HttpRequestException { InnerException: { } inner } ? Reason(inner) : exception.Message;
}
