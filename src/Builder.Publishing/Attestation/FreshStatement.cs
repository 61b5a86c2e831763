using Builder.Analysis.Values;
using Builder.Proof.Statements;

namespace Builder.Publishing.Attestation;

/// <summary>A statement that this process signed.</summary>
/// <param name="Subjects">Digests of the artifacts it is about.</param>
internal sealed record FreshStatement(DsseEnvelope Envelope, IReadOnlyList<Sha256Digest> Subjects);
