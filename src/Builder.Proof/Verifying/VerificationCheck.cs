namespace Builder.Proof.Verifying;

/// <summary>One question and its answer.</summary>
/// <param name="Name">Stable, for programs: <c>signature</c>.</param>
/// <param name="Text">A sentence for people without a full stop.</param>
public sealed record VerificationCheck(string Name, CheckOutcome Outcome, string Text);
