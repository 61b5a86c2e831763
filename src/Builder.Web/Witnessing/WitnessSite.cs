using System.Net;
using Builder.Protocol.Listening;
using Builder.Publishing.TransparencyLog;
using Builder.Web.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Builder.Web.Witnessing;

/// <summary>A <see cref="Witness"/> over HTTP: <c>POST /add-checkpoint</c> and <c>GET /HASH/checkpoint</c> (C2SP tlog-witness), nothing else.</summary>
public static class WitnessSite
{
    private const int Backlog = 512;

    /// <summary>Serves until it is cancelled.</summary>
    /// <param name="ready">Told the address.</param>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task RunAsync(Witness witness, IPEndPoint address, Action<Uri> ready, CancellationToken cancellationToken)
    {
        var socket = ListenSocket.Open(address, Backlog, "--port");
        var bound = (IPEndPoint)socket.LocalEndPoint!;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = WitnessRequest.MaxSizeInBytes;
                kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
                kestrel.Listen(address);
            });
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = _ => socket);
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        app.UseRouting();
        app.MapMethods("/add-checkpoint", [HttpMethods.Post], http => AddAsync(http, witness));
        app.MapMethods("/{hash}/checkpoint", Verbs.Read, http => LastAsync(http, witness));
        await app.StartAsync(cancellationToken);
        ready(new Uri($"http://{bound}"));
        await app.WaitForShutdownAsync(cancellationToken);
    }

    private static async Task AddAsync(HttpContext http, Witness witness)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var answer = await witness.AddAsync(body.GetBuffer().AsMemory(0, (int)body.Length), http.RequestAborted);
        await SendAsync(http, answer.Status, answer.ContentType, System.Text.Encoding.UTF8.GetBytes(answer.Body));
    }

    private static Task LastAsync(HttpContext http, Witness witness) =>
        witness.Last((string)http.Request.RouteValues["hash"]!) is { } note
            ? SendAsync(http, StatusCodes.Status200OK, WitnessAnswer.PlainText, note)
            : SendAsync(http, StatusCodes.Status404NotFound, WitnessAnswer.PlainText, "no checkpoint of this log\n"u8.ToArray());

    private static async Task SendAsync(HttpContext http, int status, string contentType, byte[] body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
