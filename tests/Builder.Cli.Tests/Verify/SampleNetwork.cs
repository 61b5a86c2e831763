using System.Net;
using Builder.Analysis.Values;
using Builder.Proof.Log;

namespace Builder.Cli.Tests.Verify;

/// <summary>Answers for <see cref="SampleSite"/> as a site on the web does.</summary>
internal sealed class SampleNetwork(SampleSite site) : HttpMessageHandler
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>What the log shows; null for none.</summary>
    public SignedCheckpoint? Checkpoint { get; set; }

    public ITileSource Tiles { get; set; } = site.Tiles;

    public bool IsDown { get; set; }

    public byte[] this[string path]
    {
        set => _files[path] = value;
    }

    /// <summary>Statements of a build and of its main binary.</summary>
    public void Attest(string build, byte[] artifact, byte[] statements)
    {
        this[$"/job/{SampleSite.Job}/build/{build}/main-binary"] = artifact;
        this[$"/job/{SampleSite.Job}/build/{build}/attestations.sigstore.jsonl"] = statements;
        this[$"/hash?sha256={Sha256Digest.Of(artifact)}&attestations"] = statements;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsDown)
            throw new HttpRequestException("Connection refused");
        var path = request.RequestUri!.PathAndQuery;
        var body =
            path == "/tlog/checkpoint" ? Checkpoint?.ToBytes()
            : path.StartsWith("/tlog/", StringComparison.Ordinal) && TileAddress.TryParse(path["/tlog/".Length..], out var tile)
                ? await Tiles.ReadAsync(tile, cancellationToken)
            : _files.GetValueOrDefault(path);
        return new HttpResponseMessage(body is null ? HttpStatusCode.NotFound : HttpStatusCode.OK)
        {
            RequestMessage = request,
            Content = new ByteArrayContent(body ?? []),
        };
    }
}
