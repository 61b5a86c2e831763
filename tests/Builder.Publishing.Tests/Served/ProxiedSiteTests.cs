using System.Net;
using System.Net.Sockets;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Web;
using Builder.Web.Options;
using Microsoft.Extensions.Logging;

namespace Builder.Publishing.Tests.Served;

/// <summary>
/// Behind a proxy that ends TLS the lines to copy lead through it: the key that apt trusts is never fetched over plain HTTP because of a guess. Nobody else can put
/// an address there, not for himself by a header, and never for others.
/// </summary>
public sealed class ProxiedSiteTests
{
    private const string Evil = "evil.example";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;"
    )]
    [InlineData("proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;")]
    [InlineData("proxy_set_header Forwarded \"for=$remote_addr;proto=$scheme;host=\\\"$http_host\\\"\";")]
    public async Task Lines_to_copy_lead_through_the_proxy_that_is_trusted(string headers)
    {
        Requirement.Programs("nginx");
        await using var site = await TestSite.CreateAsync();
        var uuid = await PublishAsync(site);
        await using var web = await StartAsync(
            site,
            options => options with { TrustedProxies = new TrustedProxies([IPNetwork.Parse("127.0.0.1/32")]) }
        );
        await using var nginx = await Nginx.StartAsync(site["nginx"], web.Address, headers);
        using var visitor = nginx.Client();
        using var direct = From("127.0.0.2", web.Address);
        foreach (var page in (string[])["/apt", $"/job/hello-deb/build/{uuid}", "/openapi.json"])
        {
            // Twice, in turns: each is answered from what is kept, and sees its own.
            for (var time = 0; time < 2; time++)
            {
                Assert.Contains(nginx.Address.GetLeftPart(UriPartial.Authority), await TextAsync(visitor, page), StringComparison.Ordinal);
                foreach (var forged in (string[])["X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"])
                {
                    var text = await TextAsync(
                        direct,
                        page,
                        forged,
                        forged == "Forwarded" ? $"proto=https;host={Evil}"
                            : forged.EndsWith("Host", StringComparison.Ordinal) ? Evil
                            : "https"
                    );
                    Assert.Contains(web.Address.GetLeftPart(UriPartial.Authority), text, StringComparison.Ordinal);
                    Assert.DoesNotContain(Evil, text, StringComparison.Ordinal);
                    Assert.DoesNotContain("https://127.", text, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public async Task An_address_that_the_operator_names_stands_there_whatever_a_request_says()
    {
        await using var site = await TestSite.CreateAsync();
        var uuid = await PublishAsync(site);
        await using var web = await StartAsync(
            site,
            options =>
                options with
                {
                    PublicUrl = new Uri("https://builds.example.org"),
                    TrustedProxies = new TrustedProxies([IPNetwork.Parse("127.0.0.0/8")]),
                }
        );
        using var direct = From("127.0.0.1", web.Address);
        foreach (var page in (string[])["/apt", $"/job/hello-deb/build/{uuid}", "/openapi.json"])
        {
            foreach (var header in (string[])["Host", "X-Forwarded-Host", "X-Other"])
            {
                var text = await TextAsync(direct, page, header, Evil);
                Assert.Contains("https://builds.example.org", text, StringComparison.Ordinal);
                Assert.DoesNotContain(Evil, text, StringComparison.Ordinal);
                Assert.DoesNotContain("http://127.", text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Who_comes_with_a_forged_host_sees_it_alone()
    {
        await using var site = await TestSite.CreateAsync();
        var uuid = await PublishAsync(site);
        await using var web = await StartAsync(site, options => options);
        using var direct = From("127.0.0.1", web.Address);
        foreach (var page in (string[])["/apt", $"/job/hello-deb/build/{uuid}", "/openapi.json"])
        {
            Assert.Contains($"http://{Evil}", await TextAsync(direct, page, "Host", Evil), StringComparison.Ordinal);
            Assert.DoesNotContain(Evil, await TextAsync(direct, page), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("https://builds.example.org/path")]
    [InlineData("https://user@builds.example.org")]
    [InlineData("https://builds.example.org/?x")]
    [InlineData("ftp://builds.example.org")]
    public async Task An_address_that_lines_cannot_begin_with_is_refused_at_the_start(string url)
    {
        await using var site = await TestSite.CreateAsync();
        var error = await Assert.ThrowsAsync<WebOptionsException>(() =>
            StartAsync(site, options => options with { PublicUrl = new Uri(url) })
        );
        Assert.Contains(url, error.Message, StringComparison.Ordinal);
    }

    private static async Task<BuildUuid> PublishAsync(TestSite site)
    {
        await site.InitDebianAsync();
        using var queue = await site.StartQueueAsync();
        var uuid = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"]));
        await queue.DrainAsync(Cancellation);
        return uuid;
    }

    private static async Task<BuilderWeb> StartAsync(TestSite site, Func<WebOptions, WebOptions> change)
    {
        var web = await BuilderWeb.CreateAsync(
            change(
                new WebOptions
                {
                    Port = 0,
                    DataDirectory = site.Data,
                    ConfigurationDirectory = site.Config,
                }
            ),
            logging => logging.SetMinimumLevel(LogLevel.None),
            Cancellation
        );
        await web.StartAsync(Cancellation);
        return web;
    }

    /// <summary>Comes from another address of this machine.</summary>
    private static HttpClient From(string address, Uri site) =>
        new(
            new SocketsHttpHandler
            {
                ConnectCallback = async (context, cancellationToken) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        )
        {
            BaseAddress = site,
        };

    private static async Task<string> TextAsync(HttpClient http, string page, string? header = null, string? value = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, page);
        if (header is not null)
            request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
