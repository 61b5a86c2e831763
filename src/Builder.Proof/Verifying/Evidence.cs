using Builder.Proof.Statements;

namespace Builder.Proof.Verifying;

/// <summary>A signed statement as it came, nothing of it checked.</summary>
/// <param name="Bundle">With the proof that it is in a log; null where there is none.</param>
public sealed record Evidence(DsseEnvelope Envelope, SigstoreBundle? Bundle);
