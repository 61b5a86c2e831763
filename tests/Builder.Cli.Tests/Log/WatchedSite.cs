using System.Net;
using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Publishing.TransparencyLog;
using Builder.Testing;

namespace Builder.Cli.Tests.Log;

/// <summary>A site with a log, without a network: what it serves can be changed behind its back.</summary>
internal sealed class WatchedSite : HttpMessageHandler
{
    private readonly TemporaryDirectory directory = new();
    private readonly EcdsaSigningKey signer = EcdsaSigningKey.Generate();
    private readonly Ed25519SigningKey key;
    private readonly string origin;

    public WatchedSite(string origin = "builds.example", Ed25519SigningKey? key = null)
    {
        this.origin = origin;
        this.key = key ?? Ed25519SigningKey.Generate();
    }

    public static Uri Address { get; } = new("https://builds.example/");

    public Dictionary<long, byte[]> Statements { get; } = [];

    /// <summary>Served in place of what is there.</summary>
    public Dictionary<string, byte[]?> Forged { get; } = [];

    public string Public => directory["tlog"];

    public Ed25519SigningKey Key => key;

    public NoteKey Verifier => new(origin, NoteKeyKind.Ed25519, key.PublicKey);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task SignAsync(int count, string what = "statement")
    {
        await using var sequencer = await LogSequencer.OpenAsync(new LogSettings(Public, directory["state"], origin), key, Token);
        for (var i = 0; i < count; i++)
        {
            var envelope = DsseEnvelope.Sign(
                DsseEnvelope.InTotoPayloadType,
                Encoding.UTF8.GetBytes($"{{\"{what}\":{Statements.Count}}}"),
                signer
            );
            var leaf = new LogLeaf(
                LogLeaf.HashedRekord,
                Sha256Digest.Of(envelope.SignedBytes),
                envelope.Signatures[0].Signature,
                signer.PublicKey.SubjectPublicKeyInfo
            );
            var places = await sequencer.AppendAsync([leaf.ToJson()], Token);
            Statements[places[0]] = envelope.ToJson();
        }
    }

    /// <summary>Has the published checkpoint signed by a witness.</summary>
    public async Task CosignAsync(WitnessClient witness)
    {
        await using var sequencer = await LogSequencer.OpenAsync(new LogSettings(Public, directory["state"], origin), key, Token);
        var signed = sequencer.Checkpoint;
        var line = await witness.CosignAsync(signed, size => sequencer.ConsistencyAsync(size, signed, Token), Token);
        await sequencer.KeepAsync(signed, [line], Token);
    }

    public HttpClient Client() => new(this, disposeHandler: false);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var body =
            Forged.TryGetValue(path, out var forged) ? forged
            : path.StartsWith("/log/entry/", StringComparison.Ordinal)
                ? Statements.GetValueOrDefault(long.Parse(path["/log/entry/".Length..], System.Globalization.CultureInfo.InvariantCulture))
            : path == "/tlog/checkpoint" || path == "/tlog/vkey"
                ? await File.ReadAllBytesAsync(Path.Combine(Public, path["/tlog/".Length..]), cancellationToken)
            : TileAddress.TryParse(path["/tlog/".Length..], out var tile) ? new LogFiles(Public).ReadTile(tile)
            : null;
        return body is null
            ? new HttpResponseMessage(HttpStatusCode.NotFound)
            : new HttpResponseMessage { Content = new ByteArrayContent(body) };
    }

    protected override void Dispose(bool disposing)
    {
        directory.Dispose();
        signer.Dispose();
        base.Dispose(disposing);
    }
}
