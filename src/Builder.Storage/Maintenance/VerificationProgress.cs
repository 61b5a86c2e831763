namespace Builder.Storage.Maintenance;

/// <summary>How far a verification is.</summary>
/// <param name="Bytes">Read and hashed so far.</param>
public sealed record VerificationProgress(long Files, long Bytes, long TotalFiles);
