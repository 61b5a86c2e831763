using Builder.Publishing.Outgoing;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>Incoming webhooks of Slack, and of those who take the same (Mattermost, Rocket.Chat, Zulip).</summary>
internal sealed class SlackChannel(NotificationTarget target, OutgoingHttp http, SitePlace site) : HttpChannel(target, http)
{
    protected override Task<HttpRequestMessage?> MakeAsync(OutboxEvent found, CancellationToken cancellationToken)
    {
        var text = EventText.Of(found, site);
        var title = text.Link is { } link ? $"<{link.AbsoluteUri}|{Escape(text.Title)}>" : Escape(text.Title);
        var lines = string.Join(
            '\n',
            text.Details.Select(Escape).Prepend($"{(text.IsBad ? ":red_circle:" : ":large_green_circle:")} {title}")
        );
        return Task.FromResult<HttpRequestMessage?>(
            JsonRequest.Post(
                Target.Address,
                json =>
                {
                    json.WriteString("text", lines);
                    json.WriteBoolean("unfurl_links", false);
                }
            )
        );
    }

    /// <summary>What a job is called must not call people (<c>@all</c>, <c>&lt;!channel&gt;</c>) nor end the link.</summary>
    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("|", "\u2502", StringComparison.Ordinal)
            .Replace("@", "@\u2060", StringComparison.Ordinal)
            .Replace("](", "] (", StringComparison.Ordinal);
}
