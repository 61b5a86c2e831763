namespace Builder.Storage.Rebuilders;

/// <summary>What became of a statement that was to be kept.</summary>
public enum RebuildOutcome
{
    Kept,

    /// <summary>The same was kept before.</summary>
    Known,

    /// <summary>The key said enough about this build.</summary>
    TooMany,
}
