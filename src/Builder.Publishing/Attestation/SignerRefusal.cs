namespace Builder.Publishing.Attestation;

/// <summary>A build for which the signer signs nothing.</summary>
/// <param name="IsFinal">Asking again gives the same answer.</param>
public sealed record SignerRefusal(string Build, string Reason, bool IsFinal);
