using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Builder.Server.Operations;

/// <summary>
/// <c>GET /metrics</c> and <c>GET /health</c>, nothing else of HTTP: so the server needs no web framework, which would double its memory.
/// </summary>
internal sealed class OperationsEndpoint : IDisposable
{
    private const int LongestRequest = 8 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TcpListener listener;
    private readonly Func<string> metrics;
    private readonly Func<string?> trouble;
    private readonly TimeProvider clock;

    /// <param name="trouble">Why the server is not well, or null.</param>
    public OperationsEndpoint(IPEndPoint endpoint, Func<string> metrics, Func<string?> trouble, TimeProvider clock)
    {
        listener = new TcpListener(endpoint);
        this.metrics = metrics;
        this.trouble = trouble;
        this.clock = clock;
        listener.Start();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>One request after the other: whoever scrapes comes every few seconds.</summary>
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var patience = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                using var connection = await listener.AcceptSocketAsync(cancellationToken);
                patience.CancelAfter(Patience);
                await AnswerAsync(connection, either.Token);
            }
            catch (SocketException)
            {
                // No descriptor free, or the scraper went away: it comes again.
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // Too slow, or the server stops.
            }
        }
    }

    public void Dispose() => listener.Dispose();

    private async Task AnswerAsync(Socket connection, CancellationToken cancellationToken)
    {
        var request = new byte[LongestRequest];
        var filled = 0;
        while (filled < request.Length && request.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) < 0)
        {
            var count = await connection.ReceiveAsync(request.AsMemory(filled), cancellationToken);
            if (count == 0)
                return;
            filled += count;
        }
        var line = Encoding.Latin1.GetString(request, 0, Math.Max(0, request.AsSpan(0, filled).IndexOf((byte)'\r')));
        var (status, body) = line.Split(' ') switch
        {
            ["GET", "/metrics", ..] => ("200 OK", metrics()),
            ["GET", "/health", ..] => trouble() is { } reason ? ("503 Service Unavailable", reason + "\n") : ("200 OK", "well\n"),
            ["GET", ..] => ("404 Not Found", "there are /metrics and /health\n"),
            _ => ("405 Method Not Allowed", "only GET\n"),
        };
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = $"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n";
        await connection.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. bytes], cancellationToken);
        connection.Shutdown(SocketShutdown.Send);
    }
}
