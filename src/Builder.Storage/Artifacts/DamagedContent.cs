using Builder.Analysis.Values;

namespace Builder.Storage.Artifacts;

/// <summary>A content that was found damaged and not found right since.</summary>
/// <param name="Reason">What differs, without paths.</param>
public sealed record DamagedContent(Sha256Digest Digest, string Reason);
