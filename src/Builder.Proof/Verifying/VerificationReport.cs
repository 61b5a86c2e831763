using System.Collections.Immutable;
using Builder.Analysis.Values;
using Builder.Proof.Log;

namespace Builder.Proof.Verifying;

/// <summary>All answers about a file.</summary>
/// <param name="Name">Of the file, as the person named it.</param>
/// <param name="Build">What the trusted statement says of the build; null where there is no such statement.</param>
/// <param name="Checkpoint">Of the log in which the statement was shown to be; null where it was not.</param>
public sealed record VerificationReport(
    string Name,
    Sha256Digest Digest,
    VerifiedBuild? Build,
    SignedCheckpoint? Checkpoint,
    ImmutableArray<VerificationCheck> Checks
)
{
    public VerificationReport With(params IEnumerable<VerificationCheck> checks) => this with { Checks = [.. Checks, .. checks] };

    /// <summary>The worst answer: one that failed counts before one that nobody could give.</summary>
    public CheckOutcome Outcome =>
        Checks.Any(check => check.Outcome == CheckOutcome.Failed) ? CheckOutcome.Failed
        : Checks.Any(check => check.Outcome == CheckOutcome.Unknown) ? CheckOutcome.Unknown
        : CheckOutcome.Passed;

    /// <summary>The last line: what it comes to.</summary>
    public string Summary =>
        Outcome switch
        {
            CheckOutcome.Passed when Build is { Job: { } job } => $"Verified: {Name} was built by job {job}",
            CheckOutcome.Passed => $"Verified: {Name}",
            CheckOutcome.Failed => $"Not verified: {First(CheckOutcome.Failed)}",
            _ => $"Could not be checked: {First(CheckOutcome.Unknown)}",
        };

    private string First(CheckOutcome outcome) => Checks.First(check => check.Outcome == outcome).Text;
}
