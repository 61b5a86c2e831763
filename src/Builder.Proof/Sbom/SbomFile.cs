using Builder.Analysis.Values;

namespace Builder.Proof.Sbom;

/// <param name="Name">Path as the build has it.</param>
/// <param name="Size">In bytes; null where only the hash is known.</param>
public sealed record SbomFile(string Name, Sha256Digest Hash, long? Size);
