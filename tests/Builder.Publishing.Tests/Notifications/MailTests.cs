using Builder.Publishing.Channels;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Tests.Notifications;

public sealed class MailTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_server_takes_them_in_text_and_html_one_thread_for_each_job()
    {
        await using var server = await MailServer.StartAsync(Stop);
        using var channel = Outbox.Channel(Target(server.Port) with { ListId = "builds.example.org" });

        Assert.Equal(Delivery.Done, await channel.SendAsync([Event(1, "hello <b>")], Stop));
        Assert.Equal(Delivery.Done, await channel.SendAsync([Event(2, "hello <b>")], Stop));
        Assert.Equal(Delivery.Done, await channel.SendAsync([Event(3, "other")], Stop));

        var mails = server.Messages;
        Assert.Equal(3, mails.Count);
        Assert.Equal("hello <b> failed on debian-12", mails[0].Subject);
        Assert.Equal("<builds.example.org>", mails[0].Headers["List-Id"]);
        Assert.Equal("auto-generated", mails[0].Headers["Auto-Submitted"]);
        Assert.Equal(
            ("builder@example.org", "ops@example.org"),
            ($"{mails[0].From.Mailboxes.Single().Address}", $"{mails[0].To.Mailboxes.Single().Address}")
        );
        Assert.Contains("failed (exit code 1)", mails[0].TextBody, StringComparison.Ordinal);
        Assert.Contains("https://builds.example.org/job/", mails[0].TextBody, StringComparison.Ordinal);
        Assert.Contains("hello &lt;b&gt; failed", mails[0].HtmlBody, StringComparison.Ordinal);
        Assert.Equal(3, mails.Select(one => one.MessageId).Distinct().Count());
        Assert.Equal(mails[0].References, mails[1].References);
        Assert.NotEqual(mails[0].References, mails[2].References);
    }

    [Fact]
    public async Task Events_are_collected_into_one_mail()
    {
        await using var server = await MailServer.StartAsync(Stop);
        using var channel = Outbox.Channel(Target(server.Port) with { Digest = TimeSpan.FromHours(1) });
        Assert.True(channel.MaxEvents > 2);

        await channel.SendAsync([Event(1, "a"), Event(2, "b", EventKind.BuildFixed), Event(3, "c")], Stop);

        var mail = Assert.Single(server.Messages);
        Assert.Equal("3 events, 2 of them need attention", mail.Subject);
        Assert.Equal(
            ["a failed on debian-12", "c failed on debian-12", "b succeeds again on debian-12"],
            mail.TextBody!.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0 && line[0] != ' ')
        );
    }

    /// <summary>What a job is called, and what its script printed, adds no header, no recipient and no line of the protocol.</summary>
    [Fact]
    public async Task Text_of_strangers_stays_text()
    {
        await using var server = await MailServer.StartAsync(Stop);
        using var channel = Outbox.Channel(Target(server.Port));
        var attack = Event(1, "x\r\nBcc: victim@example.org\r\n\r\n.\r\nRSET") with
        {
            Data = """{"result":"y\r\n.\r\nMAIL FROM:<evil@example.org>\r\n"}""",
        };

        Assert.Equal(Delivery.Done, await channel.SendAsync([attack], Stop));

        var mail = Assert.Single(server.Messages);
        Assert.Empty(mail.Bcc);
        Assert.Equal("ops@example.org", mail.Headers["X-RcptTo"]);
        Assert.Contains("Bcc: victim@example.org", mail.Subject, StringComparison.Ordinal);
        Assert.Contains("MAIL FROM:<evil@example.org>", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_elsewhere_gets_nothing_without_encryption()
    {
        await using var server = await MailServer.StartAsync(Stop);
        using var channel = Outbox.Channel(Target(server.Port) with { Networks = Builder.Publishing.Outgoing.AllowedNetworks.Public });

        var delivery = Assert.IsType<Delivery.Retry>(await channel.SendAsync([Event(1, "hello")], Stop));

        Assert.Contains("allow-private", delivery.Problem, StringComparison.Ordinal);
        Assert.Empty(server.Messages);
    }

    private static NotificationTarget Target(int port) =>
        Outbox.Target(new Uri($"smtp://127.0.0.1:{port}"), TargetKind.Mail) with
        {
            From = "builder@example.org",
            Recipients = ["ops@example.org"],
        };

    private static OutboxEvent Event(int number, string job, string kind = EventKind.BuildFailed) =>
        new(
            number,
            $"{kind}/{number}",
            kind,
            job,
            "debian-12",
            Protocol.Values.BuildUuid.Parse($"4e467a04-af65-4b95-9a98-{number:d12}"),
            """{"version":1,"result":"failed (exit code 1)"}""",
            new DateTimeOffset(2026, 11, 27, 4, 0, 0, TimeSpan.Zero)
        );
}
