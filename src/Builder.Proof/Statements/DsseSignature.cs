namespace Builder.Proof.Statements;

/// <param name="KeyId">As it stands in the envelope; null when it names none. A hint, never trusted.</param>
/// <param name="Signature">DER for P-256, 64 bytes for Ed25519.</param>
public sealed record DsseSignature(string? KeyId, ReadOnlyMemory<byte> Signature);
