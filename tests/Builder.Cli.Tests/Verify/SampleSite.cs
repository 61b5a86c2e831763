using System.Text;
using System.Text.Json.Nodes;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Proof.Tests.Log;

namespace Builder.Cli.Tests.Verify;

/// <summary>A site with keys and a log that attests an artifact, all in memory.</summary>
internal sealed class SampleSite : IDisposable
{
    public const string Host = "builds.example";
    public const string Job = "hello";
    public const string Build = "ebb1da61-3d6b-4100-8692-7bfe1ea5bb87";
    public const string OtherBuild = "9c9ce7c4-fb30-4ae8-b945-44a02f1f729a";
    public const string Builder = "https://builds.example/builders/sandbox/v1";

    public static readonly DateTimeOffset Finished = new(2026, 11, 26, 4, 10, 0, TimeSpan.Zero);

    private readonly MemoryTiles _tiles = new();
    private readonly List<byte[]> _order = [];

    public EcdsaSigningKey Key { get; } = EcdsaSigningKey.Generate();

    public Ed25519SigningKey LogKey { get; } = Ed25519SigningKey.Generate();

    public NoteKey Log => new(Host, NoteKeyKind.Ed25519, LogKey.PublicKey);

    public byte[] Artifact { get; } = "the program"u8.ToArray();

    public ITileSource Tiles => _tiles;

    /// <summary>Provenance of SLSA 1.2.</summary>
    public DsseEnvelope Provenance(byte[]? artifact = null, string build = Build, SigningKey? key = null, string job = Job) =>
        Sign(
            artifact ?? Artifact,
            new SlsaProvenance
            {
                BuildType = "https://builds.example/buildtypes/script/v1",
                External = new ExternalParameters(job, "debian-12", Sha256Digest.Of("script"u8)),
                BuilderId = Builder,
                InvocationId = build,
                FinishedOn = Finished,
            },
            key
        );

    public DsseEnvelope Sign(byte[] artifact, Predicate predicate, SigningKey? key = null) =>
        DsseEnvelope.Sign(
            DsseEnvelope.InTotoPayloadType,
            InTotoStatement.Write([ResourceDescriptor.Of("bin/hello.hvt", Sha256Digest.Of(artifact))], predicate),
            key ?? Key
        );

    /// <summary>In the log, with the proof for the checkpoint of now.</summary>
    /// <param name="log">Another name or key for the log.</param>
    public async Task<byte[]> BundleAsync(DsseEnvelope envelope, NoteKey? log = null)
    {
        var leaf = Append(envelope);
        var index = _order.FindIndex(one => one.AsSpan().SequenceEqual(leaf));
        var checkpoint = Checkpoint(log);
        var hashes = await new TileTree(_tiles, _tiles.Size).ProveInclusionAsync(index, TestContext.Current.CancellationToken);
        return SigstoreBundle.Create(envelope, Key.PublicKey, log ?? Log, leaf, new TlogProof(index, hashes, checkpoint.Note)).ToJson();
    }

    public SignedCheckpoint Checkpoint(NoteKey? log = null) =>
        SignedCheckpoint.Sign(new Checkpoint((log ?? Log).Name, _tiles.Size, _tiles.Root), log ?? Log, LogKey);

    public void Grow(int count)
    {
        for (var number = 0; number < count; number++)
            Append(Provenance(Encoding.UTF8.GetBytes($"other {_order.Count}")));
    }

    public byte[] TrustedRootJson() => TrustedRoot.ToJson(new Uri($"https://{Host}"), Log, Finished.AddYears(-1));

    public byte[] KeyListJson(KeyRevocation? revocation = null, EcdsaSigningKey? next = null, SigningKey? signer = null)
    {
        var list = new KeyList(
            $"https://{Host}",
            Finished,
            [
                new PublishedKey(
                    Key.PublicKey,
                    KeyUse.Statements,
                    Finished.AddYears(-1),
                    next is null ? null : Finished.AddDays(1),
                    revocation
                ),
                .. next is null ? Array.Empty<PublishedKey>() : [new PublishedKey(next.PublicKey, KeyUse.Statements, Finished.AddDays(1))],
                new PublishedKey(LogKey.PublicKey, KeyUse.Log, Finished.AddYears(-1)),
            ]
        );
        return DsseEnvelope.Sign(KeyList.PayloadType, list.ToJson(), signer ?? next ?? Key).ToJson();
    }

    /// <summary>The bundle with another payload under the old signature.</summary>
    public static byte[] WithPayload(byte[] bundle, string old, string @new)
    {
        var root = JsonNode.Parse(bundle)!;
        var envelope = root["dsseEnvelope"]!;
        var payload = Encoding.UTF8.GetString(Convert.FromBase64String(envelope["payload"]!.GetValue<string>()));
        Assert.Contains(old, payload, StringComparison.Ordinal);
        envelope["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(payload.Replace(old, @new, StringComparison.Ordinal)));
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    /// <summary>The bundle without its entry of the log.</summary>
    public static byte[] WithoutEntry(byte[] bundle)
    {
        var root = JsonNode.Parse(bundle)!;
        root["verificationMaterial"]!["tlogEntries"] = new JsonArray();
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    public void Dispose()
    {
        Key.Dispose();
        LogKey.Dispose();
    }

    private byte[] Append(DsseEnvelope envelope)
    {
        var signature = envelope.Signatures[0].Signature;
        var leaf = new LogLeaf(
            LogLeaf.HashedRekord,
            Sha256Digest.Of(envelope.SignedBytes),
            signature,
            Key.PublicKey.SubjectPublicKeyInfo
        ).ToJson();
        if (_order.Exists(one => one.AsSpan().SequenceEqual(leaf)))
            return leaf;
        _order.Add(leaf);
        _tiles.Grow([leaf]);
        return leaf;
    }
}
