using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Publishing.Attestation;

/// <summary>An artifact whose digest the signer computed from its bytes.</summary>
internal sealed record CheckedArtifact(ArtifactPath Path, long Size, Sha256Digest Digest)
{
    public string Name => Path.ToString();
}
