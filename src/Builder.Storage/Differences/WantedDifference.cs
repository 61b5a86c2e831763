using Builder.Protocol.Values;

namespace Builder.Storage.Differences;

/// <summary>Two builds of the same inputs with different main binaries, whose reason is not known yet.</summary>
/// <param name="Left">The first build that had its output; uploaded before <paramref name="Right"/>.</param>
public sealed record WantedDifference(OutputPair Pair, BuildUuid Left, BuildUuid Right)
{
    /// <summary>One repeats the other.</summary>
    public bool IsRepetition { get; init; }
}
