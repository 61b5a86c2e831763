using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Verifying;
using Builder.Testing;

namespace Builder.Proof.Tests.Verifying;

/// <summary>Statements that other programs made, which cosign accepts or refuses: Builder's verifier says the same.</summary>
public sealed class VectorTests
{
    [Theory]
    [InlineData("prov.p256.dsse.json", "p256.pub")]
    [InlineData("ssh.p256.dsse.json", "p256.pub")]
    [InlineData("prov.ed.dsse.json", "ed.pub")]
    [InlineData("multi.dsse.json", "p256.pub")]
    [InlineData("multi.dsse.json", "ed.pub")]
    public void An_envelope_that_cosign_accepts_is_accepted(string envelope, string key)
    {
        var report = Verify(envelope, [key]);

        Assert.Equal(CheckOutcome.Passed, report.Outcome);
        Assert.Equal("Verified: artifact.bin was built by job dns-primary-git", report.Summary);
    }

    [Theory]
    [InlineData("tlog.hashedrekord.p256.sigstore.json")]
    [InlineData("tlogw.p256.sigstore.json")]
    public void A_bundle_that_cosign_accepts_is_accepted_with_its_place_in_the_log(string bundle)
    {
        foreach (string[] keys in new[] { new[] { "p256.pub" }, [] })
        {
            var report = Verify(bundle, keys, withLog: true);

            Assert.Equal(CheckOutcome.Passed, report.Outcome);
            Assert.Contains(report.Checks, check => check.Text == "entry 321 of the log builds.example, which then had 500 entries");
        }
    }

    [Theory]
    [InlineData("prov.p256.dsse.json", "p256.pub", "tampered.bin", "no statement is about this file: its SHA-256 is another")]
    [InlineData("badpayload.p256.dsse.json", "p256.pub", "artifact.bin", null)]
    [InlineData("badsig.p256.dsse.json", "p256.pub", "artifact.bin", null)]
    [InlineData("prov.p256.dsse.json", "ed.pub", "artifact.bin", null)]
    [InlineData("vsa.dsse.json", "p256.pub", "artifact.bin", null)]
    public void What_cosign_refuses_is_refused(string envelope, string key, string artifact, string? reason)
    {
        var report = Verify(envelope, [key], artifact: artifact);

        Assert.Equal(CheckOutcome.Failed, report.Outcome);
        if (reason is not null)
            Assert.Equal($"Not verified: {reason}", report.Summary);
    }

    [Fact]
    public void A_changed_proof_of_the_log_is_refused()
    {
        var report = Verify("tlogbad.hashedrekord.p256.sigstore.json", ["p256.pub"], withLog: true);

        Assert.Equal("Not verified: the proof does not lead from the entry to the root of 500 entries", report.Summary);
    }

    [Fact]
    public void A_witness_or_a_second_log_in_the_trusted_root_does_not_matter_but_another_key_does()
    {
        using var stranger = Ed25519SigningKey.Generate();
        var evidence = EvidenceReader.Read(Vectors.Read("tlog.hashedrekord.p256.sigstore.json"), "bundle");
        var report = Verify(
            evidence,
            new TrustedKeys { TakesKeysOfLog = true },
            [new NoteKey("builds.example", NoteKeyKind.Ed25519, stranger.PublicKey)]
        );

        Assert.Equal(CheckOutcome.Failed, report.Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"payloadType\":1}")]
    [InlineData("{\"dsseEnvelope\":{}}")]
    [InlineData("{\"dsseEnvelope\":{},\"verificationMaterial\":{\"tlogEntries\":[{}]}}")]
    [InlineData("{\"a\":1}\n{\"payloadType\"")]
    public void What_is_no_statement_is_an_error_that_says_so(string text) =>
        Assert.StartsWith(
            "file",
            Assert.Throws<InvalidEvidenceException>(() => EvidenceReader.Read(System.Text.Encoding.UTF8.GetBytes(text), "file")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Lines_of_other_kinds_are_left_out()
    {
        byte[] lines = [.. "{\"a\":1}\n"u8, .. Vectors.Read("prov.p256.dsse.json").AsSpan().TrimEnd((byte)'\n'), .. "\n\n"u8];

        Assert.Single(EvidenceReader.Read(lines, "file"));
    }

    private static VerificationReport Verify(string file, string[] keys, string artifact = "artifact.bin", bool withLog = false) =>
        Verify(
            EvidenceReader.Read(Vectors.Read(file), file),
            new TrustedKeys
            {
                Given = [.. keys.Select(key => VerificationKey.FromPem(Vectors.ReadText(key)))],
                TakesKeysOfLog = withLog && keys.Length == 0,
            },
            withLog ? TrustedRootReader.Read(Vectors.Read("trusted_root.json")) : [],
            artifact
        );

    private static VerificationReport Verify(
        IReadOnlyList<Evidence> evidence,
        TrustedKeys keys,
        System.Collections.Immutable.ImmutableArray<NoteKey> logs,
        string artifact = "artifact.bin"
    ) =>
        Verifier.Verify(
            new VerificationRequest
            {
                Name = artifact,
                Digest = artifact == "tampered.bin" ? Sha256Digest.Of("tampered"u8) : Sha256Digest.Of(Vectors.Read(artifact)),
                Evidence = evidence,
                Keys = keys,
                Logs = logs,
                Now = new DateTimeOffset(2026, 11, 27, 0, 0, 0, TimeSpan.Zero),
            }
        );
}
