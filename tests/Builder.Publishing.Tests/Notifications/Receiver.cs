using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Builder.Publishing.Tests.Notifications;

/// <summary>A request that a receiver got.</summary>
internal sealed record Received(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A receiver of notifications on a port of its own, which answers as the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly ConcurrentQueue<Received> received = new();
    private readonly Task serving;

    public Receiver()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        listener.Start();
        serving = ServeAsync();
    }

    public int Port { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}/hook");

    /// <summary>The status of the answer to each request.</summary>
    public Func<Received, int> Answer { get; set; } = _ => 204;

    public IReadOnlyList<Received> Requests => [.. received];

    public async Task WaitForAsync(int count, CancellationToken cancellationToken)
    {
        while (received.Count < count)
            await Task.Delay(5, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            var context = await listener.GetContextAsync();
            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            var body = await reader.ReadToEndAsync();
            var headers = context
                .Request.Headers.AllKeys.OfType<string>()
                .ToDictionary(name => name.ToLowerInvariant(), name => context.Request.Headers[name]!);
            var request = new Received(context.Request.HttpMethod, context.Request.RawUrl!, headers, body);
            context.Response.StatusCode = Answer(request);
            if (context.Response.StatusCode is >= 300 and < 400)
                context.Response.RedirectLocation = $"http://127.0.0.1:{Port}/elsewhere";
            received.Enqueue(request);
            context.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException)
        {
            // The sender was killed in the middle: it comes again.
        }
    }
}
