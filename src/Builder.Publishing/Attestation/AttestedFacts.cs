using Builder.Analysis.Values;

namespace Builder.Publishing.Attestation;

/// <summary>What a provenance says that later summaries go by; the signer keeps it, so that nobody else's tables count.</summary>
/// <param name="Main">The main binary; null where there is none.</param>
internal sealed record AttestedFacts(string Job, BuildMode Mode, Sha256Digest? InputId, (string Name, Sha256Digest Digest)? Main);
