using System.Text;
using Builder.Proof.Keys;
using Builder.Proof.Statements;
using Builder.Testing;
using CsCheck;

namespace Builder.Proof.Tests.Statements;

public sealed class DsseEnvelopeTests
{
    /// <summary>Envelopes that cosign took, with the key it took them with.</summary>
    [Theory]
    [InlineData("prov.p256.dsse.json", "p256.pub", true)]
    [InlineData("prov.ed.dsse.json", "ed.pub", true)]
    [InlineData("multi.dsse.json", "p256.pub", true)]
    [InlineData("multi.dsse.json", "ed.pub", true)]
    [InlineData("ssh.p256.dsse.json", "p256.pub", true)]
    [InlineData("vsa.dsse.json", "p256.pub", true)]
    [InlineData("prov.p256.dsse.json", "ed.pub", false)]
    [InlineData("prov.ed.dsse.json", "p256.pub", false)]
    [InlineData("badpayload.p256.dsse.json", "p256.pub", false)]
    [InlineData("badsig.p256.dsse.json", "p256.pub", false)]
    public void Signatures_are_taken_and_refused_as_cosign_does(string envelope, string key, bool taken)
    {
        var read = DsseEnvelope.Parse(Vectors.Read(envelope));
        var publicKey = VerificationKey.FromPem(Encoding.UTF8.GetString(Vectors.Read(key)));
        Assert.Equal(taken, read.IsSignedBy(publicKey));
    }

    [Fact]
    public void The_key_id_is_the_fingerprint_that_ssh_keygen_prints()
    {
        var envelope = DsseEnvelope.Parse(Vectors.Read("ssh.p256.dsse.json"));
        var publicKey = VerificationKey.FromPem(Encoding.UTF8.GetString(Vectors.Read("p256.pub")));
        Assert.Equal(Assert.Single(envelope.Signatures).KeyId, publicKey.Id.Value);
    }

    [Fact]
    public void What_is_signed_and_written_is_read_back_and_verified()
    {
        using var key = EcdsaSigningKey.Generate();
        Gen.Byte.Array[0, 2000]
            .Sample(
                payload =>
                {
                    var json = DsseEnvelope.Sign(DsseEnvelope.InTotoPayloadType, payload, key).ToJson();
                    var read = DsseEnvelope.Parse(json);
                    return read.Payload.Span.SequenceEqual(payload) && read.IsSignedBy(key.PublicKey);
                },
                iter: 200
            );
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"payloadType":"t","payload":"AA=="}""")]
    [InlineData("""{"payloadType":"t","payload":"AA==","signatures":[]}""")]
    [InlineData("""{"payloadType":"t","payload":"AA==","signatures":[{}]}""")]
    [InlineData("""{"payloadType":"t","payload":"A","signatures":[{"sig":"AA=="}]}""")]
    [InlineData("""{"payloadType":"t","payload":"AA==","signatures":[{"sig":"!!"}]}""")]
    [InlineData("""{"payloadType":1,"payload":"AA==","signatures":[{"sig":"AA=="}]}""")]
    [InlineData("""{"payload":"BB==","payloadType":"t","payload":"AA==","signatures":[{"sig":"AA=="}]}""")]
    public void What_is_no_envelope_is_refused(string json) =>
        Assert.Throws<InvalidEnvelopeException>(() => DsseEnvelope.Parse(Encoding.UTF8.GetBytes(json)));
}
