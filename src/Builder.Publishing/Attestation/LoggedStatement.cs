using Builder.Proof.Keys;
using Builder.Proof.Statements;

namespace Builder.Publishing.Attestation;

/// <summary>A signed statement that is to stand in the log.</summary>
/// <param name="Key">Whose the first signature is.</param>
/// <param name="Kind">As the site's database names it.</param>
/// <param name="About">A build's uuid, or the site.</param>
public sealed record LoggedStatement(DsseEnvelope Envelope, VerificationKey Key, string Kind, string About);
