using Builder.Analysis.Values;

namespace Builder.Storage.Artifacts;

/// <summary>A stored content is not what its hash says. The transfer under way must not look complete.</summary>
public sealed class DamagedContentException(Sha256Digest digest, string reason)
    : IOException($"the stored content with SHA-256 {digest} is damaged: {reason}")
{
    public Sha256Digest Digest { get; } = digest;

    /// <summary>What differs, without paths.</summary>
    public string Reason { get; } = reason;
}
