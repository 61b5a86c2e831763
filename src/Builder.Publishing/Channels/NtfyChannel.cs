using System.Net.Http.Headers;
using Builder.Publishing.Outgoing;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>A topic of ntfy, published as JSON: headers could not hold every title.</summary>
internal sealed class NtfyChannel(NotificationTarget target, OutgoingHttp http, SitePlace site) : HttpChannel(target, http)
{
    private const int Normal = 3;
    private const int High = 4;

    protected override Task<HttpRequestMessage?> MakeAsync(OutboxEvent found, CancellationToken cancellationToken)
    {
        var text = EventText.Of(found, site);
        var place = Target.Address.AbsolutePath.TrimEnd('/');
        var topic = Uri.UnescapeDataString(place[(place.LastIndexOf('/') + 1)..]);
        var server = new Uri(Target.Address, place.Length == 0 ? "/" : place[..(place.LastIndexOf('/') + 1)]);
        var request = JsonRequest.Post(
            server,
            json =>
            {
                json.WriteString("topic", topic);
                json.WriteString("title", text.Title);
                json.WriteString("message", text.Details.Count == 0 ? text.Title : string.Join('\n', text.Details));
                json.WriteNumber("priority", text.IsBad ? High : Normal);
                json.WriteStartArray("tags");
                json.WriteStringValue(text.IsBad ? "red_circle" : "green_circle");
                json.WriteEndArray();
                if (text.Link is { } link)
                    json.WriteString("click", link.AbsoluteUri);
            }
        );
        if (Target.Token is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return Task.FromResult<HttpRequestMessage?>(request);
    }
}
