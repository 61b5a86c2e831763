using System.Collections.Immutable;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Statements;

namespace Builder.Proof.Verifying;

/// <summary>Checks who signed a statement, whether that key counted then, and whether a log has it.</summary>
internal sealed class StatementChecker(TrustedKeys keys, ImmutableArray<NoteKey> logs)
{
    /// <exception cref="InvalidStatementException">The payload is no statement.</exception>
    public CheckedStatement Check(Evidence evidence)
    {
        var envelope = evidence.Envelope;
        if (envelope.PayloadType != DsseEnvelope.InTotoPayloadType)
            throw new InvalidStatementException($"the envelope holds \"{envelope.PayloadType}\", not an in-toto statement");
        var statement = InTotoStatement.Parse(envelope.Payload);
        var (place, logProblem) = FindInLog(evidence);
        var key = keys.Candidates.FirstOrDefault(envelope.IsSignedBy) ?? (keys.TakesKeysOfLog ? KeyOfLog(evidence, place) : null);
        if (key is null)
            return new CheckedStatement(statement, null, KeyStanding.Unknown, WhyNobody(envelope), place, logProblem);
        var standing = keys.StandingOf(key, TimeOf(statement), place?.Index);
        return new CheckedStatement(statement, key, standing, WhyNot(key, standing), place, logProblem);
    }

    /// <summary>When the statement was made, as far as it says. One that does not say counts as made today, which is the strictest.</summary>
    private static DateTimeOffset TimeOf(InTotoStatement statement)
    {
        try
        {
            return statement.PredicateType switch
            {
                SlsaProvenance.TypeUri => ProvenanceReader.Read(statement).Finished ?? DateTimeOffset.MaxValue,
                VerificationSummary.TypeUri => VerificationSummary.Read(statement).TimeVerified,
                _ => DateTimeOffset.MaxValue,
            };
        }
        catch (InvalidStatementException)
        {
            return DateTimeOffset.MaxValue;
        }
    }

    private string WhyNobody(DsseEnvelope envelope)
    {
        var named = envelope.Signatures.Select(signature => signature.KeyId).OfType<string>().FirstOrDefault();
        if (named is not null && keys.Candidates.Any(key => key.Id.Value == named))
            return $"the signature of key {named} does not fit the statement: it was changed after it was signed";
        return named is null
            ? "none of the trusted keys signed the statement, or it was changed after it was signed"
            : $"the statement is signed with key {named}, which is none of the trusted keys";
    }

    private string? WhyNot(VerificationKey key, KeyStanding standing) =>
        standing switch
        {
            KeyStanding.Valid => null,
            KeyStanding.TooLate => $"key {key.Id} signed the statement after it was taken out of use",
            KeyStanding.Compromised => $"key {key.Id} is revoked: {keys.List?.Find(key.Id)?.Revocation?.Because}",
            _ => $"key {key.Id} is none of the trusted keys",
        };

    private (LogPlace? Place, string? Problem) FindInLog(Evidence evidence)
    {
        if (logs.IsEmpty)
            return (null, null);
        if (evidence.Bundle is not { } bundle)
            return (null, "the statement comes without a proof that it is in the log");
        if (logs.FirstOrDefault(log => log.FullHash().AsSpan().SequenceEqual(bundle.LogId.Span)) is not { } log)
            return (null, "the statement is in a log that is not trusted");
        try
        {
            var leaf = LogLeaf.Parse(bundle.Leaf);
            if (!IsOf(leaf, evidence.Envelope))
                return (null, "the entry of the log is about another statement");
            return (new LogPlace(log, bundle.Proof.Index, bundle.Proof.Verify(bundle.Leaf.Span, log)), null);
        }
        catch (InvalidLogDataException exception)
        {
            return (null, exception.Message);
        }
    }

    private static bool IsOf(LogLeaf leaf, DsseEnvelope envelope) =>
        leaf.Digest == Sha256Digest.Of(envelope.SignedBytes)
        && envelope.Signatures.Any(signature => signature.Signature.Span.SequenceEqual(leaf.Signature.Span));

    private static VerificationKey? KeyOfLog(Evidence evidence, LogPlace? place)
    {
        if (place is null || evidence.Bundle is not { } bundle)
            return null;
        try
        {
            var key = VerificationKey.FromSubjectPublicKeyInfo(LogLeaf.Parse(bundle.Leaf).PublicKey);
            return evidence.Envelope.IsSignedBy(key) ? key : null;
        }
        catch (InvalidKeyException)
        {
            return null;
        }
    }
}
