using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;
using MimeKit;

namespace Builder.Publishing.Channels;

/// <summary>Events as a mail, in text and HTML. All mails about a job are one thread.</summary>
internal static class MailText
{
    private const int MaxSubject = 200;
    private const int HashDigits = 24;

    public static MimeMessage Write(IReadOnlyList<OutboxEvent> events, NotificationTarget target, SitePlace site, DateTimeOffset now)
    {
        var texts = events.Select(one => EventText.Of(one, site)).ToList();
        var domain = target.From!.Split('@')[1];
        var message = new MimeMessage
        {
            Subject = Subject(texts),
            Date = now,
            MessageId = $"{IdOf(events)}@{domain}",
        };
        message.From.Add(new MailboxAddress(site.Title, target.From));
        message.To.AddRange(target.Recipients.Select(static one => new MailboxAddress("", one)));
        if (events.Count == 1 && events[0].Job is { } job)
        {
            // No mail has this id: programs put those together that refer to the same one.
            var thread = $"job_{Hash(job)}@{domain}";
            message.InReplyTo = thread;
            message.References.Add(thread);
        }
        if (target.ListId is { } list)
            message.Headers.Add(HeaderId.ListId, $"<{list}>");
        // RFC 3834: nobody answers by a machine.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add("X-Builder-Event", string.Join(' ', events.Select(static one => one.Kind).Distinct()));
        message.Body = new BodyBuilder { TextBody = Plain(texts), HtmlBody = Html(texts) }.ToMessageBody();
        return message;
    }

    private static string Subject(List<EventText> texts)
    {
        if (texts is [var only])
            return only.Title.Length <= MaxSubject ? only.Title : only.Title[..MaxSubject];
        var bad = texts.Count(static text => text.IsBad);
        return string.Create(CultureInfo.InvariantCulture, $"{texts.Count} events, {bad} of them need attention");
    }

    private static string Plain(List<EventText> texts)
    {
        var body = new StringBuilder();
        foreach (var text in texts.OrderByDescending(static text => text.IsBad))
        {
            body.Append(text.Title).Append('\n');
            foreach (var line in text.Details)
                body.Append("  ").Append(line).Append('\n');
            if (text.Link is { } link)
                body.Append("  ").Append(link.AbsoluteUri).Append('\n');
            body.Append('\n');
        }
        return body.ToString();
    }

    private static string Html(List<EventText> texts)
    {
        var body = new StringBuilder("<!doctype html><html><body style=\"font-family:sans-serif\">\n");
        foreach (var text in texts.OrderByDescending(static text => text.IsBad))
        {
            var title = WebUtility.HtmlEncode(text.Title);
            body.Append("<p><b>")
                .Append(text.Link is { } link ? $"<a href=\"{WebUtility.HtmlEncode(link.AbsoluteUri)}\">{title}</a>" : title)
                .Append("</b>");
            foreach (var line in text.Details)
                body.Append("<br>").Append(WebUtility.HtmlEncode(line));
            body.Append("</p>\n");
        }
        return body.Append("</body></html>\n").ToString();
    }

    /// <summary>The same for each attempt.</summary>
    private static string IdOf(IReadOnlyList<OutboxEvent> events) =>
        events.Count == 1 ? CloudEvent.IdOf(events[0]) : $"digest_{Hash(string.Join('\n', events.Select(static one => one.Key)))}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];
}
