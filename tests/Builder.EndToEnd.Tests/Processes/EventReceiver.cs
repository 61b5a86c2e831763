using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Builder.EndToEnd.Tests.Processes;

/// <summary>An event that a webhook got.</summary>
internal sealed record ReceivedEvent(string Id, string Kind, string? Build);

/// <summary>A target of notifications that writes down what it gets.</summary>
internal sealed class EventReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<ReceivedEvent> received = new();

    private EventReceiver(WebApplication app) => this.app = app;

    public Uri Address => new(new Uri(app.Urls.First()), "/hook");

    public IReadOnlyList<ReceivedEvent> Events => [.. received];

    public static async Task<EventReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new EventReceiver(app);
        app.MapPost("/hook", receiver.ReceiveAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext http)
    {
        using var json = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        var data = json.RootElement.GetProperty("data");
        received.Enqueue(
            new ReceivedEvent(
                json.RootElement.GetProperty("id").GetString()!,
                json.RootElement.GetProperty("type").GetString()!,
                data.TryGetProperty("build", out var build) && build.ValueKind == JsonValueKind.String ? build.GetString() : null
            )
        );
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
