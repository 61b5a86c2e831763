namespace Builder.Analysis.Difference;

/// <summary>Why something differs, with the evidence.</summary>
/// <param name="Path">Where: the path of the file inside the archives, then the place in it (<c>data.tar.xz/./usr/bin/x: .text chosen</c>).</param>
/// <param name="Left">The value on the left, short and printable; empty where there is none.</param>
/// <param name="Right">The value on the right.</param>
/// <param name="Fix">One sentence: how to remove the cause.</param>
public sealed record Cause(CauseKind Kind, string Path, string Left, string Right, string Fix)
{
    /// <summary>How many places have this cause in the same way, such as the modification time of each member.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The strongest cause is shown first; see <see cref="CauseStrength"/>.</summary>
    public int Strength { get; init; }
}
