using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Builder.Proof.Tests.Stock;
using Builder.Protocol.Values;
using Builder.Publishing.Channels;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Tests.Notifications;

public sealed class WebhookTests
{
    private static readonly OutboxEvent Failed = new(
        7,
        "build.failed/4e467a04-af65-4b95-9a98-d426445e1feb",
        EventKind.BuildFailed,
        "hello",
        "debian-12",
        BuildUuid.Parse("4e467a04-af65-4b95-9a98-d426445e1feb"),
        """{"version":1,"job":"hello","result":"failed (exit code 1)"}""",
        new DateTimeOffset(2026, 11, 27, 4, 0, 0, TimeSpan.Zero)
    );

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_body_is_a_cloud_event_signed_by_each_secret()
    {
        await using var receiver = new Receiver();
        byte[] newer = [.. Outbox.Secret.Reverse()];
        using var channel = Outbox.Channel(Outbox.Target(receiver.Address) with { Secrets = [newer, Outbox.Secret] });

        Assert.Equal(Delivery.Done, await channel.SendAsync([Failed], Stop));
        Assert.Equal(Delivery.Done, await channel.SendAsync([Failed], Stop));

        var request = receiver.Requests[0];
        Assert.Equal(("POST", "application/cloudevents+json"), (request.Method, request.Headers["content-type"]));
        var json = JsonDocument.Parse(request.Body).RootElement;
        Assert.Equal("1.0", json.GetProperty("specversion").GetString());
        Assert.Equal("builder.build.failed", json.GetProperty("type").GetString());
        Assert.Equal("https://builds.example.org", json.GetProperty("source").GetString());
        Assert.Equal("hello/debian-12", json.GetProperty("subject").GetString());
        Assert.Equal("2026-11-27T04:00:00.000Z", json.GetProperty("time").GetString());
        Assert.Equal(
            "https://builds.example.org/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb",
            json.GetProperty("data").GetProperty("url").GetString()
        );

        // Standard Webhooks: base64(HMAC-SHA256(secret, id.timestamp.body)), the same id for each attempt.
        var (id, time) = (request.Headers["webhook-id"], request.Headers["webhook-timestamp"]);
        Assert.Equal(id, json.GetProperty("id").GetString());
        Assert.Equal(id, receiver.Requests[1].Headers["webhook-id"]);
        Assert.InRange(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - long.Parse(time, CultureInfo.InvariantCulture), 0, 60);
        string Expected(byte[] key) =>
            $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{time}.{request.Body}")))}";
        Assert.Equal($"{Expected(newer)} {Expected(Outbox.Secret)}", request.Headers["webhook-signature"]);
    }

    /// <summary>A signature that Svix, who wrote the standard, gives as an example.</summary>
    [Fact]
    public void The_published_example_has_this_signature() =>
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookSignature.Of(
                [Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1614265330,
                """{"test": 2432232314}"""u8
            )
        );

    [Fact]
    public async Task A_receiver_with_the_reference_library_takes_ours_and_refuses_changed_ones()
    {
        await using var receiver = new Receiver();
        using var channel = Outbox.Channel(Outbox.Target(receiver.Address));
        await channel.SendAsync([Failed], Stop);
        var request = receiver.Requests[0];
        string[] Arguments(string body) =>
            [
                $"whsec_{Convert.ToBase64String(Outbox.Secret)}",
                request.Headers["webhook-id"],
                request.Headers["webhook-timestamp"],
                request.Headers["webhook-signature"],
                body,
            ];

        Assert.Equal((0, "builder.build.failed\n"), await NodeScript.RunAsync("webhook.cjs", Arguments(request.Body)));
        Assert.Equal(
            (1, "refused\n"),
            await NodeScript.RunAsync("webhook.cjs", Arguments(request.Body.Replace("hello", "hallo", StringComparison.Ordinal)))
        );
    }

    [Fact]
    public async Task A_private_address_that_is_not_named_is_not_asked()
    {
        await using var receiver = new Receiver();
        using var channel = Outbox.Channel(
            Outbox.Target(receiver.Address) with
            {
                Networks = Builder.Publishing.Outgoing.AllowedNetworks.Public,
            }
        );

        var delivery = Assert.IsType<Delivery.Retry>(await channel.SendAsync([Failed], Stop));

        Assert.Contains("127.0.0.1", delivery.Problem, StringComparison.Ordinal);
        Assert.Contains("allow-private", delivery.Problem, StringComparison.Ordinal);
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task An_answer_without_end_is_read_no_further_than_its_beginning()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var channel = Outbox.Channel(Outbox.Target(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/")));
        var sending = channel.SendAsync([Failed], Stop);
        using var peer = await listener.AcceptTcpClientAsync(Stop);
        var written = 0L;
        var flood = Task.Run(
            async () =>
            {
                await peer.GetStream().WriteAsync("HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), Stop);
                var chunk = Encoding.ASCII.GetBytes($"1000\r\n{new string('x', 4096)}\r\n");
                while (written < 64 << 20)
                {
                    await peer.GetStream().WriteAsync(chunk, Stop);
                    written += chunk.Length;
                }
            },
            Stop
        );

        var refused = Assert.IsType<Delivery.Refused>(await sending);
        Assert.InRange(refused.Problem.Length, 100, 250);
        await Assert.ThrowsAsync<IOException>(() => flood);
    }
}
