namespace Builder.Analysis.Elf;

/// <summary>A part of a file and the parts it is made of; its size is the sum of theirs, or of its symbols and what lies between them.</summary>
public sealed class DissectionNode
{
    private readonly List<DissectionNode> _children = [];

    internal DissectionNode(string name, DissectionKind kind)
    {
        Name = name;
        Kind = kind;
    }

    /// <summary>As the file has it: not escaped, perhaps hostile.</summary>
    public string Name { get; }

    public DissectionKind Kind { get; }

    public long Size { get; private set; }

    /// <summary>The largest first.</summary>
    public IReadOnlyList<DissectionNode> Children => _children;

    /// <summary>The first of its symbols in <see cref="Dissection.SymbolsOf"/>; they are chained, not kept as objects.</summary>
    internal int FirstClaim { get; set; } = -1;

    public bool HasSymbols => FirstClaim >= 0;

    internal long OwnSize { get; set; }

    internal DissectionNode Add(DissectionNode child)
    {
        _children.Add(child);
        return child;
    }

    /// <summary>Sums the sizes from below and puts the largest first; parts without bytes go.</summary>
    internal void Complete()
    {
        Size = OwnSize;
        foreach (var child in _children)
        {
            child.Complete();
            Size += child.Size;
        }
        _children.RemoveAll(child => child.Size == 0);
        _children.Sort(
            (left, right) => left.Size != right.Size ? right.Size.CompareTo(left.Size) : string.CompareOrdinal(left.Name, right.Name)
        );
    }
}
