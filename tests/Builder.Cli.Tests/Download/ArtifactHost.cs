using System.Security.Cryptography;
using System.Threading.Channels;
using Builder.Analysis.Deltas;
using Builder.Analysis.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Builder.Cli.Tests.Download;

/// <summary>A site with one artifact, which answers as ours does, or as a test has it lie.</summary>
internal sealed class ArtifactHost : IAsyncDisposable
{
    public const string Path = "/job/app/build/b92c500e-03fc-44d9-95de-50e5e6f91479/f/bin/app.hvt";

    private readonly WebApplication site;
    private readonly Channel<string> requests = Channel.CreateUnbounded<string>();

    private ArtifactHost(byte[] content)
    {
        Content = content;
        Digest = SHA256.HashData(content);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        site = builder.Build();
        site.MapGet("/job/app/build/latest/f/bin/app.hvt", () => Results.Redirect(Path));
        site.MapMethods("/job/app/build/latest/f/bin/app.hvt", ["HEAD"], () => Results.Redirect(Path));
        site.MapGet("/no-artifact", () => "text");
        site.MapMethods(Path, ["GET", "HEAD"], AnswerAsync);
    }

    public byte[] Content { get; }

    /// <summary>What the site says.</summary>
    public byte[] Digest { get; set; }

    /// <summary>Builds before, which the site has patches for.</summary>
    public List<byte[]> Bases { get; } = [];

    /// <summary>Of a patch on its way.</summary>
    public Func<byte[], byte[]> Damage { get; set; } = static patch => patch;

    /// <summary>Answers a GET of the artifact itself; null to do it right.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    public string Url => site.Urls.Single() + Path;

    /// <summary>Requests up to now that the test has not seen: method, range, whether something to patch was offered.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            var seen = new List<string>();
            while (requests.Reader.TryRead(out var request))
                seen.Add(request);
            return seen;
        }
    }

    public static async Task<ArtifactHost> StartAsync(byte[] content)
    {
        var host = new ArtifactHost(content);
        await host.site.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>Compressed by nothing, and different by a few bytes for each day.</summary>
    public static byte[] Build(int day)
    {
        var content = new byte[2_000_000];
        new Random(5).NextBytes(content);
        for (var change = 1; change <= day; change++)
            new Random(change).NextBytes(content.AsSpan(change * 2000, 900));
        return content;
    }

    public ValueTask DisposeAsync() => site.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var (request, response) = (http.Request, http.Response);
        var offered = request.Headers["Available-Dictionary"].ToString();
        requests.Writer.TryWrite($"{request.Method}{(offered.Length > 0 ? " dcz" : "")} {request.Headers.Range}".TrimEnd());
        response.Headers.ETag = new StringValues($"\"{Convert.ToBase64String(Digest)}\"");
        var isHead = HttpMethods.IsHead(request.Method);
        if (
            request.Headers.AcceptEncoding == "dcz"
            && Bases.Find(known => offered == $":{Convert.ToBase64String(SHA256.HashData(known))}:") is { } known
        )
        {
            var patch = Damage(Patch(known));
            response.Headers.ContentEncoding = "dcz";
            response.ContentLength = patch.Length;
            if (!isHead)
                await response.Body.WriteAsync(patch, http.RequestAborted);
            return;
        }
        if (!isHead && Instead is { } instead && await instead(http))
            return;
        var start = 0;
        if (request.GetTypedHeaders().Range is { } range)
        {
            start = (int)range.Ranges.First().From!.Value;
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {start}-{Content.Length - 1}/{Content.Length}";
        }
        response.ContentLength = Content.Length - start;
        if (!isHead)
            await response.Body.WriteAsync(Content.AsMemory(start), http.RequestAborted);
    }

    private byte[] Patch(byte[] known)
    {
        using var content = Native(Content);
        using var before = Native(known);
        using var patch = DeltaCodec.TryMakeDelta(content, before, Sha256Digest.Of(known), Content.Length);
        return patch!.Span.ToArray();
    }

    private static NativeBytes Native(byte[] bytes)
    {
        var native = new NativeBytes(bytes.Length);
        bytes.CopyTo(native.Span);
        return native;
    }
}
