namespace Builder.Storage.Maintenance;

/// <summary>What a backup did.</summary>
/// <param name="Files">Copied, as they were new.</param>
/// <param name="Bytes">Of the files copied.</param>
/// <param name="Removed">Files and folders that the source no longer has.</param>
/// <param name="Damaged">What could not be copied, because the source itself misses it or has other bytes.</param>
public sealed record BackupReport(long Files, long Bytes, long Removed, IReadOnlyList<string> Damaged);
