using Builder.Analysis.Values;
using Builder.Storage.Differences;

namespace Builder.Web.Difference;

/// <summary>A comparison to be made.</summary>
internal sealed record DifferenceOrder(BuildSide Left, BuildSide Right)
{
    public (Sha256Digest Left, Sha256Digest Right) Key => (Left.Id, Right.Id);

    /// <summary>Null where a main binary is missing, or both are the same: the database keeps nothing of those.</summary>
    public OutputPair? Pair =>
        Left.Build.Main is { } left && Right.Build.Main is { } right && left.Hash != right.Hash
            ? OutputPair.Of(left.Hash, right.Hash)
            : null;

    /// <summary>One repeats the other, so their inputs are the same, whatever was varied around them.</summary>
    public bool IsRepetition { get; init; }

    public bool IsSameInput =>
        Left.Build.JobId == Right.Build.JobId && (IsRepetition || (Left.Build.InputId is { } input && Right.Build.InputId == input));
}
