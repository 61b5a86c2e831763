using System.Globalization;
using Builder.Proof.Statements;

namespace Builder.Proof.Verifying;

/// <summary>How many of the trusted rebuilders came to the same bytes. One who did not is named, and has no veto.</summary>
internal static class RebuildChecks
{
    private const string LinkType = "https://in-toto.io/attestation/link/v0.3";

    public static void Add(VerificationRequest request, List<VerificationCheck> checks)
    {
        if (request.Policy.Rebuilders.IsEmpty && request.Policy.Quorum is null)
            return;
        var agreeing = new SortedSet<string>(StringComparer.Ordinal);
        var dissenting = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var evidence in request.Evidence)
        {
            var rebuilder = request.Policy.Rebuilders.FirstOrDefault(one => evidence.Envelope.IsSignedBy(one.Key));
            if (rebuilder is null || TryParse(evidence) is not { } statement)
                continue;
            (statement.IsAbout(request.Digest) ? agreeing : dissenting).Add(rebuilder.Name);
        }
        dissenting.ExceptWith(agreeing);
        if (dissenting.Count > 0)
            checks.Add(
                new VerificationCheck("dissent", CheckOutcome.Note, $"other bytes, or another file, from {string.Join(", ", dissenting)}")
            );
        var found = agreeing.Count == 0 ? "no rebuilder vouches for this file" : $"the same bytes from {string.Join(", ", agreeing)}";
        if (request.Policy.Quorum is not { } quorum)
            checks.Add(new VerificationCheck("rebuilders", CheckOutcome.Note, found));
        else
            checks.Add(
                new VerificationCheck(
                    "rebuilders",
                    agreeing.Count >= quorum ? CheckOutcome.Passed : CheckOutcome.Failed,
                    string.Create(CultureInfo.InvariantCulture, $"{found}: {agreeing.Count} of {quorum} that the quorum asks for")
                )
            );
    }

    private static InTotoStatement? TryParse(Evidence evidence)
    {
        try
        {
            var statement = InTotoStatement.Parse(evidence.Envelope.Payload);
            return statement.PredicateType is LinkType or SlsaProvenance.TypeUri ? statement : null;
        }
        catch (InvalidStatementException)
        {
            return null;
        }
    }
}
