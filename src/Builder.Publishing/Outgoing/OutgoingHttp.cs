using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Builder.Publishing.Outgoing;

/// <summary>
/// Requests to addresses that configuration names: within ten seconds each, without redirects and proxies, to allowed addresses alone, and no more than the
/// beginning of an answer is read.
/// </summary>
public sealed class OutgoingHttp : IDisposable
{
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private const int MaxAnswer = 4 * 1024;
    private const int MaxHeadersInKibibytes = 16;

    private readonly HttpClient client;
    private readonly TimeProvider clock;

    public OutgoingHttp(GuardedConnector connector, TimeProvider clock)
    {
        this.clock = clock;
        client = new HttpClient(CreateHandler(connector)) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Builder", null));
    }

    /// <exception cref="HttpRequestException">The receiver cannot be reached; the message says why.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task<OutgoingAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(MaxWait, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            return new OutgoingAnswer(
                (int)response.StatusCode,
                await BeginningAsync(response, both.Token),
                RetryAfter(response.Headers.RetryAfter)
            );
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {MaxWait.TotalSeconds} s", exception);
        }
    }

    public void Dispose() => client.Dispose();

    /// <summary>Without redirects, cookies, proxies and decompression, to allowed addresses alone.</summary>
    internal static SocketsHttpHandler CreateHandler(GuardedConnector connector) =>
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = MaxHeadersInKibibytes,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = async (context, cancellationToken) =>
                new NetworkStream(
                    await connector.ConnectAsync(
                        context.DnsEndPoint.Host,
                        context.DnsEndPoint.Port,
                        context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttp,
                        cancellationToken
                    ),
                    ownsSocket: true
                ),
        };

    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxAnswer];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var count = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? value) =>
        value is null ? null
        : value.Delta is { } delta ? delta
        : value.Date - clock.GetUtcNow();
}
