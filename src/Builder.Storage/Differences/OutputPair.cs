using Builder.Analysis.Values;

namespace Builder.Storage.Differences;

/// <summary>Two main binaries that are compared, in the one order that rows have.</summary>
public readonly record struct OutputPair
{
    private OutputPair(Sha256Digest left, Sha256Digest right)
    {
        Left = left;
        Right = right;
    }

    /// <summary>The smaller hash.</summary>
    public Sha256Digest Left { get; }

    public Sha256Digest Right { get; }

    public static OutputPair Of(Sha256Digest one, Sha256Digest other) =>
        one < other ? new OutputPair(one, other) : new OutputPair(other, one);
}
