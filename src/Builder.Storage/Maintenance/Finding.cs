namespace Builder.Storage.Maintenance;

/// <summary>Something that is wrong.</summary>
/// <param name="Path">Relative to the data directory; for rows the table and id.</param>
/// <param name="Repaired">What was done about it; null where it stands as it was.</param>
public sealed record Finding(FindingKind Kind, string Path, string Description, string? Repaired = null);
