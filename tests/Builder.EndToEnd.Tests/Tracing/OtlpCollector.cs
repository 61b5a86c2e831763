using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Builder.EndToEnd.Tests.Tracing;

/// <summary>A collector that takes traces by OTLP over HTTP (<c>POST /v1/traces</c>, protobuf) and keeps their spans.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Lock gate = new();
    private readonly List<ReceivedSpan> spans = [];
    private readonly List<string> problems = [];
    private TaskCompletionSource received = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OtlpCollector(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First());

    public IReadOnlyList<ReceivedSpan> Spans
    {
        get
        {
            lock (gate)
                return [.. spans];
        }
    }

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        collector.app.Run(collector.TakeAsync);
        await collector.app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    /// <summary>Waits until the spans are as <paramref name="wanted"/>; shows them where that does not happen.</summary>
    public async Task<IReadOnlyList<ReceivedSpan>> UntilAsync(Func<IReadOnlyList<ReceivedSpan>, bool> wanted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(BuilderProcess.Patience);
        while (true)
        {
            Task next;
            IReadOnlyList<ReceivedSpan> now;
            lock (gate)
            {
                Assert.Empty(problems);
                next = received.Task;
                now = [.. spans];
            }
            if (wanted(now))
                return now;
            try
            {
                await next.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"not received:\n{string.Join('\n', now)}");
            }
        }
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        lock (gate)
        {
            if (http.Request is { Method: "POST", Path.Value: "/v1/traces", ContentType: "application/x-protobuf" })
                spans.AddRange(OtlpReader.Read(body.ToArray()));
            else
                problems.Add($"{http.Request.Method} {http.Request.Path} {http.Request.ContentType}");
            received.TrySetResult();
            received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        http.Response.ContentType = "application/x-protobuf";
    }
}
