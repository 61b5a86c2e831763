using Builder.Protocol.Values;

namespace Builder.Storage.Statements;

/// <summary>A statement that is still to be made.</summary>
/// <param name="Kind"><see cref="StatementKind.Provenance"/> or <see cref="StatementKind.Summary"/>.</param>
/// <param name="Attempts">How often the signer was asked and answered with no statement.</param>
/// <param name="Refusal">Its last answer.</param>
public sealed record AttestationTask(BuildUuid Build, string Kind, int Attempts, string? Refusal);
