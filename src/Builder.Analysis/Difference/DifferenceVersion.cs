namespace Builder.Analysis.Difference;

/// <summary>Goes up when the engine gives other answers for the same files: what is kept of an earlier version is computed again.</summary>
public static class DifferenceVersion
{
    public const int Current = 1;
}
