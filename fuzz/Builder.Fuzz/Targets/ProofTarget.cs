using System.Text;
using Builder.Proof.Keys;
using Builder.Proof.Links;
using Builder.Proof.Rebuilding;
using Builder.Proof.Records;
using Builder.Proof.Statements;
using Builder.Proof.Verifying;

namespace Builder.Fuzz.Targets;

/// <summary>What a site, a rebuilder or a file says to a verifier: envelopes, statements with their predicates, bundles, keys, links, records.</summary>
internal static class ProofTarget
{
    /// <summary>That of RFC 8032, section 7.1, test 1.</summary>
    private static readonly Ed25519VerificationKey Key = Ed25519VerificationKey.FromBytes(
        Convert.FromHexString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    );

    public static FuzzTarget Create() => new("proof", Run);

    private static void Run(byte[] input)
    {
        Try(() =>
        {
            foreach (var evidence in EvidenceReader.Read(input, "input"))
                ReadEnvelope(evidence.Envelope);
        });
        Try(() => ReadStatement(input));
        Try(() => Expect.Same(DsseEnvelope.Parse(DsseEnvelope.Parse(input).ToJson()).Payload.Span, DsseEnvelope.Parse(input).Payload.Span));
        Try(() => SignedKeyList.Read(input));
        Try(() => KeyList.Parse(input));
        Try(() => TrustedRootReader.Read(input));
        Try(() => SignedLink.Read(input, Key));
        Try(() => RebuildStatement.Read(input, [Key]));
        Try(() => VerificationKey.FromSubjectPublicKeyInfo(input));
        var text = Encoding.UTF8.GetString(input);
        Try(() => VerificationKey.FromPem(text));
        RecordHeader.TryRead(text, out _, out _);
    }

    private static void ReadEnvelope(DsseEnvelope envelope)
    {
        envelope.IsSignedBy(Key);
        Try(() => BuildRecord.Read(envelope));
        Try(() => ReadStatement(envelope.Payload));
    }

    private static void ReadStatement(ReadOnlyMemory<byte> payload)
    {
        var statement = InTotoStatement.Parse(payload);
        Try(() => SlsaProvenance.Read(statement));
        Try(() => VerificationSummary.Read(statement));
        Try(() => Retraction.Read(statement));
    }

    private static void Try(Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception)
            when (exception
                    is InvalidEvidenceException
                        or InvalidEnvelopeException
                        or InvalidStatementException
                        or InvalidKeyException
                        or InvalidLinkException
                        or UnknownSignerException
                        or Builder.Proof.Log.InvalidLogDataException
            )
        {
            // Refused, as it should be.
        }
    }
}
