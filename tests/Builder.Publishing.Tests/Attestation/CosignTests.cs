using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Publishing.TransparencyLog;
using Builder.Storage.Statements;
using Builder.Testing;

namespace Builder.Publishing.Tests.Attestation;

/// <summary>A stock program that knows nothing of Builder verifies what the signer made, and refuses what was forged.</summary>
public sealed class CosignTests
{
    private const string Slsa = "slsaprovenance1";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cosign_accepts_statements_of_the_signer_and_refuses_forgeries()
    {
        var cosign = await StockProgram.FindAsync("cosign", Stop);
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync(isHosted: true);
        var build = await site.StoreAsync("hello");
        var other = await site.StoreAsync("other");
        await site.AttestAsync();
        await site.AttestAsync();
        var keys = site.Keys();
        var key = keys.Keys.Single(one => one.Use == KeyUse.Statements).Key;
        using var thief = EcdsaSigningKey.Generate();
        var good = await FindAsync(site, build, StatementKind.Provenance);
        var summary = await FindAsync(site, build, StatementKind.Summary);
        var envelope = DsseEnvelope.Parse(good.Envelope);
        Write(site, "hello", "hello"u8);
        Write(site, "hell0", "hell0"u8);
        Write(site, "pub.pem", Encoding.ASCII.GetBytes(key.ToPem()));
        Write(site, "thief.pem", Encoding.ASCII.GetBytes(thief.PublicKey.ToPem()));
        Write(site, "good", good.Envelope.Span);
        Write(site, "summary", summary.Envelope.Span);
        Write(site, "replayed", (await FindAsync(site, other, StatementKind.Provenance)).Envelope.Span);
        Write(
            site,
            "changed",
            Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(good.Envelope.Span).Replace(Encoded(envelope), Changed(envelope), StringComparison.Ordinal)
            )
        );
        Write(site, "stolen", DsseEnvelope.Sign(DsseEnvelope.InTotoPayloadType, envelope.Payload, thief).ToJson());
        Write(site, "truncated", good.Envelope.Span[..^40]);

        await AcceptsAsync("good", "hello", "pub.pem", Slsa);
        await AcceptsAsync("summary", "hello", "pub.pem", VerificationSummary.TypeUri);
        await RefusesAsync("good", "hell0", "pub.pem", Slsa);
        await RefusesAsync("good", "hello", "thief.pem", Slsa);
        await RefusesAsync("good", "hello", "pub.pem", "cyclonedx");
        await RefusesAsync("summary", "hello", "pub.pem", Slsa);
        await RefusesAsync("replayed", "hello", "pub.pem", Slsa);
        await RefusesAsync("changed", "hello", "pub.pem", Slsa);
        await RefusesAsync("stolen", "hello", "pub.pem", Slsa);
        await RefusesAsync("truncated", "hello", "pub.pem", Slsa);

        async Task AcceptsAsync(string statement, string file, string with, string type)
        {
            var (status, output) = await RunAsync(statement, file, with, type);
            Assert.True(status == 0, $"{statement} of {file} is refused: {output}");
        }

        async Task RefusesAsync(string statement, string file, string with, string type)
        {
            var (status, output) = await RunAsync(statement, file, with, type);
            Assert.True(status != 0, $"{statement} of {file} with {with} as {type} is accepted: {output}");
        }

        Task<(int Status, string Output)> RunAsync(string statement, string file, string with, string type) =>
            StockProgram.RunAsync(
                cosign,
                [
                    "verify-blob-attestation",
                    "--key",
                    site[with],
                    "--insecure-ignore-tlog=true",
                    "--type",
                    type,
                    "--signature",
                    site[statement],
                    site[file],
                ],
                Stop,
                site["home"]
            );
    }

    /// <summary>Version 3 knows Rekor v2: it also wants the entry of our own log, without asking anybody.</summary>
    [Fact]
    public async Task Cosign_verifies_the_entry_of_the_log_offline_and_refuses_a_bundle_without_it()
    {
        var cosign = await StockProgram.FindAsync("cosign", Stop);
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync();
        var build = await site.StoreAsync("hello");
        await site.AttestAsync();
        var keys = site.Keys().Keys;
        var key = keys.Single(one => one.Use == KeyUse.Statements).Key;
        var origin = new NoteKey(
            "builds.example",
            NoteKeyKind.Ed25519,
            (Ed25519VerificationKey)keys.Single(one => one.Use == KeyUse.Log).Key
        );
        var stored = await FindAsync(site, build, StatementKind.Provenance);
        var published = new PublishedLog(site.Log);
        var checkpoint = published.Checkpoint()!;
        var index = stored.LogIndex!.Value;
        var leaf = published.Entry(index, checkpoint.Size);
        var proof = await published.ProveAsync(index, checkpoint, Stop);
        var bundle = Encoding.UTF8.GetString(SigstoreBundle.Create(DsseEnvelope.Parse(stored.Envelope), key, origin, leaf, proof).ToJson());
        Assert.Equal(Sha256Digest.Of(DsseEnvelope.Parse(stored.Envelope).SignedBytes), LogLeaf.Parse(leaf).Digest);
        Write(site, "hello", "hello"u8);
        Write(site, "pub.pem", Encoding.ASCII.GetBytes(key.ToPem()));
        Write(site, "root.json", TrustedRoot.ToJson(new Uri("https://builds.example"), origin, DateTimeOffset.UnixEpoch));
        Write(site, "bundle", Encoding.UTF8.GetBytes(bundle));
        var hash = bundle.IndexOf("\"hashes\":[\"", StringComparison.Ordinal) + 11;
        Write(site, "other-proof", Encoding.UTF8.GetBytes(bundle[..hash] + (bundle[hash] == 'A' ? 'B' : 'A') + bundle[(hash + 1)..]));

        var (status, output) = await RunAsync("bundle");
        if (output.Contains("unknown flag", StringComparison.Ordinal) || output.Contains("nil value", StringComparison.Ordinal))
            Assert.Skip($"this cosign does not know logs of Rekor v2: {output}");
        Assert.True(status == 0, output);
        Assert.NotEqual(0, (await RunAsync("other-proof")).Status);

        Task<(int Status, string Output)> RunAsync(string file) =>
            StockProgram.RunAsync(
                cosign,
                [
                    "verify-blob-attestation",
                    "--key",
                    site["pub.pem"],
                    "--trusted-root",
                    site["root.json"],
                    "--bundle",
                    site[file],
                    "--type",
                    Slsa,
                    site["hello"],
                ],
                Stop,
                site["home"]
            );
    }

    private static string Encoded(DsseEnvelope envelope) => Convert.ToBase64String(envelope.Payload.Span);

    /// <summary>Another builder than the one that was signed.</summary>
    private static string Changed(DsseEnvelope envelope) =>
        Convert.ToBase64String(
            Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(envelope.Payload.Span).Replace("builders/sandboxed", "builders/sandb0xed", StringComparison.Ordinal)
            )
        );

    private static async Task<StoredStatement> FindAsync(SignerSite site, BuildUuid build, string kind) =>
        (await site.StatementsAsync(build)).Single(one => one.Kind == kind);

    private static void Write(SignerSite site, string name, ReadOnlySpan<byte> content) =>
        File.WriteAllBytes(site[name], content.ToArray());
}
