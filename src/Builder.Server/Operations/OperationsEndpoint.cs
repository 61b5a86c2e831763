using System.Net;
using System.Net.Sockets;
using System.Text;
using Builder.Protocol.Listening;

namespace Builder.Server.Operations;

/// <summary>
/// <c>GET /metrics</c> and <c>GET /health</c>, nothing else of HTTP: so the server needs no web framework, which would double its memory.
/// </summary>
internal sealed class OperationsEndpoint : IDisposable
{
    private const int MaxRequestSize = 8 * 1024;

    /// <summary>Whoever scrapes comes every few seconds; a few that say nothing must not keep it waiting.</summary>
    private const int AtOnce = 16;

    private const int Backlog = 128;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Socket listener;
    private readonly Func<string> metrics;
    private readonly Func<(string? Trouble, string State)> health;
    private readonly TimeProvider clock;
    private readonly SemaphoreSlim free = new(AtOnce);

    /// <exception cref="IOException">The address cannot be listened on.</exception>
    /// <param name="health">Why the server is not well, or null; and its state where it is.</param>
    public OperationsEndpoint(IPEndPoint endpoint, Func<string> metrics, Func<(string? Trouble, string State)> health, TimeProvider clock)
    {
        listener = ListenSocket.Open(endpoint, Backlog, "--metrics");
        this.metrics = metrics;
        this.health = health;
        this.clock = clock;
    }

    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await free.WaitAsync(cancellationToken);
                _ = ServeOneAsync(await AcceptAsync(cancellationToken), cancellationToken);
            }
            catch (SocketException)
            {
                // No descriptor free, for example: it comes again.
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The server stops.
            }
        }
        // Those that are served end at once with the same token, and give back their places.
        for (var left = 0; left < AtOnce; left++)
            await free.WaitAsync(CancellationToken.None);
    }

    private async Task<Socket> AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await listener.AcceptAsync(cancellationToken);
        }
        catch
        {
            free.Release();
            throw;
        }
    }

    private async Task ServeOneAsync(Socket connection, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await AnswerAsync(connection, either.Token);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // It went away or was too slow, or the server stops.
        }
        finally
        {
            connection.Dispose();
            free.Release();
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        free.Dispose();
    }

    private async Task AnswerAsync(Socket connection, CancellationToken cancellationToken)
    {
        var request = new byte[MaxRequestSize];
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
            ["GET", "/health", ..] => health() is ({ } reason, _)
                ? ("503 Service Unavailable", reason + "\n")
                : ("200 OK", health().State + "\n"),
            ["GET", ..] => ("404 Not Found", "there are /metrics and /health\n"),
            _ => ("405 Method Not Allowed", "only GET\n"),
        };
        var bytes = Encoding.UTF8.GetBytes(body);
        var head =
            $"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n";
        await connection.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. bytes], cancellationToken);
        connection.Shutdown(SocketShutdown.Send);
    }
}
