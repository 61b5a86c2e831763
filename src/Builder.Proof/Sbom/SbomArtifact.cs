using Builder.Analysis.Values;

namespace Builder.Proof.Sbom;

/// <summary>An artifact of the build that an SBOM is made for.</summary>
public sealed record SbomArtifact(string Path, Sha256Digest Hash, long Size);
