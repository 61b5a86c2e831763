namespace Builder.Analysis.Elf;

/// <summary>
/// A part of two binaries: what it was, what it is. Children are those parts and symbols that are not the same in both;
/// what stayed is only in the sums.
/// </summary>
public sealed class DifferenceNode
{
    internal DifferenceNode(string name, DissectionKind kind, long before, long after, IReadOnlyList<DifferenceNode> children)
    {
        Name = name;
        Kind = kind;
        Before = before;
        After = after;
        Children = children;
        Moved = Math.Max(Math.Abs(Change), children.Sum(child => child.Moved));
    }

    public string Name { get; }

    public DissectionKind Kind { get; }

    public long Before { get; }

    public long After { get; }

    public long Change => After - Before;

    /// <summary>How many bytes came or went below here, whichever way: a module can be rewritten and keep its size.</summary>
    public long Moved { get; }

    /// <summary>The most changed first.</summary>
    public IReadOnlyList<DifferenceNode> Children { get; }

    public DifferenceStatus Status =>
        (Before, After) switch
        {
            (0, > 0) => DifferenceStatus.Came,
            (> 0, 0) => DifferenceStatus.Went,
            var (before, after) when after > before => DifferenceStatus.Grew,
            var (before, after) when after < before => DifferenceStatus.Shrank,
            _ => DifferenceStatus.SameSize,
        };
}
