namespace Builder.Publishing.Attestation;

/// <summary>What the signer is asked for, as JSON.</summary>
/// <param name="Kind">Of statements: <c>provenance</c>, <c>summary</c>, <c>keys</c>; <c>retraction</c> on the operator's socket alone.</param>
/// <param name="Builds">Uuids; <see cref="SignerProtocol.MaxBuilds"/> at most.</param>
/// <param name="Because">Of a retraction: why.</param>
public sealed record SignerRequest(string Kind, IReadOnlyList<string> Builds, string? Because = null);
