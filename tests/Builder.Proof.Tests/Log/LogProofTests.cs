using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Testing;

namespace Builder.Proof.Tests.Log;

public sealed class LogProofTests
{
    /// <summary>The log that vectors/trusted_root.json names: the key of the other vectors under the bare host name.</summary>
    private static NoteKey KnownLog { get; } =
        new("builds.example", NoteKeyKind.Ed25519, (Ed25519VerificationKey)VerificationKey.FromPem(Vectors.ReadText("log.pub.pem")));

    [Fact]
    public void A_proof_of_another_program_is_read_and_written_the_same()
    {
        var bytes = Vectors.Read("log/entry.tlog-proof");

        var proof = TlogProof.Parse(bytes);

        Assert.Equal(12_345, proof.Index);
        Assert.Equal(17, proof.Hashes.Count);
        Assert.Equal(bytes, proof.ToBytes());
    }

    [Fact]
    public void An_extra_line_comes_back()
    {
        var proof = TlogProof.Parse(Vectors.Read("log/entry.tlog-proof")) with { Extra = "leaf"u8.ToArray() };

        var read = TlogProof.Parse(proof.ToBytes());

        Assert.Equal("leaf"u8.ToArray(), read.Extra!.Value.ToArray());
        Assert.Equal(proof.ToString(), read.ToString());
    }

    [Theory]
    [InlineData("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2")]
    [InlineData("index 12345", "index -1")]
    [InlineData("index 12345\n", "")]
    [InlineData("hSJH+Rp", "hSJH+R")]
    [InlineData("\n\nbuilds", "\nbuilds")]
    public void A_proof_that_is_none_is_refused(string part, string replaced)
    {
        var text = Vectors.ReadText("log/entry.tlog-proof");
        Assert.Contains(part, text, StringComparison.Ordinal);

        Assert.Throws<InvalidLogDataException>(() =>
            TlogProof.Parse(Encoding.UTF8.GetBytes(text.Replace(part, replaced, StringComparison.Ordinal)))
        );
    }

    [Theory]
    [InlineData("tlog.hashedrekord.p256.sigstore.json")]
    [InlineData("tlogw.p256.sigstore.json")]
    public void A_bundle_that_cosign_takes_verifies_and_is_written_the_same(string name)
    {
        var bundle = SigstoreBundle.Parse(Vectors.Read(name));

        Assert.Equal(500, bundle.Proof.Verify(bundle.Leaf.Span, KnownLog).Size);
        Assert.Equal(KnownLog.FullHash(), bundle.LogId.ToArray());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Vectors.Read(name)), JsonNode.Parse(bundle.ToJson())));
        var signer = VerificationKey.FromPem(Vectors.ReadText("p256.pub"));
        var leaf = LogLeaf.Parse(bundle.Leaf);
        Assert.Equal(Sha256Digest.Of(bundle.Envelope.SignedBytes), leaf.Digest);
        Assert.Equal(signer.SubjectPublicKeyInfo.ToArray(), leaf.PublicKey.ToArray());
        Assert.Equal(SigstoreBundle.HintOf(signer), bundle.KeyHint);
        Assert.Equal(bundle.Leaf.ToArray(), leaf.ToJson());
    }

    [Fact]
    public void A_bundle_that_cosign_refuses_does_not_verify()
    {
        var bundle = SigstoreBundle.Parse(Vectors.Read("tlogbad.hashedrekord.p256.sigstore.json"));

        Assert.Throws<InvalidLogDataException>(() => bundle.Proof.Verify(bundle.Leaf.Span, KnownLog));
    }

    [Fact]
    public void The_trusted_root_is_the_one_that_cosign_takes()
    {
        var written = TrustedRoot.ToJson(
            new Uri("https://builds.example"),
            KnownLog,
            new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero)
        );

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Vectors.Read("trusted_root.json")), JsonNode.Parse(written)));
    }

    [Fact]
    public void An_entry_of_ours_names_what_it_is_about_and_comes_back()
    {
        var leaf = new LogLeaf(
            LogLeaf.Retraction,
            Sha256Digest.Of([1]),
            new byte[70],
            new byte[91],
            "3e3b5e5d-7b0e-4e0e-8d1c-5f2f0f9d2c1a"
        );

        using var json = JsonDocument.Parse(leaf.ToJson());
        var read = LogLeaf.Parse(leaf.ToJson());

        Assert.Equal("builder-retraction", json.RootElement.GetProperty("kind").GetString());
        Assert.Equal(leaf.Subject, read.Subject);
        Assert.Equal(leaf.ToJson(), read.ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{}}""")]
    [InlineData("""{"apiVersion":"0.0.2","kind":null,"spec":{}}""")]
    public void What_is_no_entry_is_refused(string json) =>
        Assert.Throws<InvalidLogDataException>(() => LogLeaf.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void An_entry_written_another_way_is_refused()
    {
        var leaf = SigstoreBundle.Parse(Vectors.Read("tlogw.p256.sigstore.json")).Leaf;

        Assert.Throws<InvalidLogDataException>(() => LogLeaf.Parse((byte[])[.. leaf.Span, (byte)' ']));
    }
}
