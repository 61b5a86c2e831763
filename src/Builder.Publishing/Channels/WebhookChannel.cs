using System.Globalization;
using System.Net.Http.Headers;
using Builder.Publishing.Outgoing;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>Programs: a signed CloudEvent a request.</summary>
internal sealed class WebhookChannel(NotificationTarget target, OutgoingHttp http, SitePlace site, TimeProvider clock)
    : HttpChannel(target, http)
{
    protected override Task<HttpRequestMessage?> MakeAsync(OutboxEvent found, CancellationToken cancellationToken)
    {
        var body = CloudEvent.Write(found, site);
        var id = CloudEvent.IdOf(found);
        var time = clock.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, Target.Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(CloudEvent.ContentType);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", time.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Of(Target.Secrets, id, time, body));
        return Task.FromResult<HttpRequestMessage?>(request);
    }
}
