using Builder.Analysis.Difference;

namespace Builder.Storage.Differences;

/// <summary>What the database has of a pair.</summary>
/// <param name="Causes">The strongest first; null while there is no result.</param>
/// <param name="Message">Why the last attempt gave no result.</param>
public sealed record StoredDifference(OutputPair Pair, bool IsSameInput, int Attempts, IReadOnlyList<Cause>? Causes, string? Message)
{
    /// <summary>Nobody reads more beside a verdict; the comparison has all.</summary>
    public const int MaxCauses = 16;

    /// <summary>A pair that ends the process, or meets an error, this often is left alone.</summary>
    public const int MaxAttempts = 3;

    public bool IsGivenUp => Causes is null && Attempts >= MaxAttempts;
}
