namespace Builder.Analysis.Advisories;

/// <summary>What changes at a version.</summary>
internal enum OsvEventKind
{
    Introduced,
    Fixed,
    LastAffected,
    Limit,
}
