using System.Net;
using System.Net.Http.Headers;
using Builder.Publishing.Outgoing;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>A room of Matrix (client-server API v3). The transaction's id is the event's, so the server drops repetitions.</summary>
internal sealed class MatrixChannel(NotificationTarget target, OutgoingHttp http, SitePlace site) : HttpChannel(target, http)
{
    protected override Task<HttpRequestMessage?> MakeAsync(OutboxEvent found, CancellationToken cancellationToken)
    {
        var text = EventText.Of(found, site);
        var title = WebUtility.HtmlEncode(text.Title);
        var html =
            (text.Link is { } link ? $"<a href=\"{WebUtility.HtmlEncode(link.AbsoluteUri)}\">{title}</a>" : $"<b>{title}</b>")
            + string.Concat(text.Details.Select(static line => $"<br>{WebUtility.HtmlEncode(line)}"));
        var request = JsonRequest.Put(
            new Uri(
                Target.Address,
                $"/_matrix/client/v3/rooms/{Uri.EscapeDataString(Target.Room!)}/send/m.room.message/{CloudEvent.IdOf(found)}"
            ),
            json =>
            {
                json.WriteString("msgtype", "m.notice");
                json.WriteString("body", string.Join('\n', text.Details.Prepend(text.Title)));
                json.WriteString("format", "org.matrix.custom.html");
                json.WriteString("formatted_body", html);
                // MSC3952: nobody is called by what a job is called.
                json.WriteStartObject("m.mentions");
                json.WriteEndObject();
            }
        );
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Target.Token);
        return Task.FromResult<HttpRequestMessage?>(request);
    }
}
