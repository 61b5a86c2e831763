using System.Collections.Concurrent;
using System.Net;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Builder.EndToEnd.Tests.Pair;

/// <summary>Takes uploads as a site does: 201 for a build that is new, 409 for one that it has.</summary>
internal sealed class UploadSink : IAsyncDisposable
{
    private readonly WebApplication application;

    private UploadSink(WebApplication application) => this.application = application;

    public ConcurrentDictionary<BuildUuid, Exec> Builds { get; } = [];

    public int Port { get; private set; }

    public static async Task<UploadSink> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var application = builder.Build();
        var sink = new UploadSink(application);
        application.Urls.Add("http://0.0.0.0:0");
        application.MapPost("/upload", sink.TakeAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        sink.Port = new Uri(application.Urls.Single()).Port;
        return sink;
    }

    public IEnumerable<Exec> Of(string job) => Builds.Values.Where(build => build.Job.Name.ToString() == job);

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var build = ExecCodec.Decode(body.ToArray());
        return Results.StatusCode((int)(Builds.TryAdd(build.Uuid, build) ? HttpStatusCode.Created : HttpStatusCode.Conflict));
    }
}
