namespace Builder.Analysis.Difference;

public enum DifferenceStatus
{
    Changed,
    OnlyLeft,
    OnlyRight,

    /// <summary>Same content at another place.</summary>
    Moved,
    Same,
}
