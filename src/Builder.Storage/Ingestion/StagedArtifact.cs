using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Storage.Ingestion;

/// <summary>An artifact of an upload, written to a file of the staging directory.</summary>
/// <param name="IsWithheld">Kept with the build, for its exec alone, not among its artifacts.</param>
/// <param name="IsFlushed">False where the store seemed to have the content, so that this file is probably not needed.</param>
internal sealed record StagedArtifact(ArtifactPath Path, Sha256Digest Digest, long Length, string File, bool IsWithheld, bool IsFlushed)
{
    public string Name => Path.ToString();
}
