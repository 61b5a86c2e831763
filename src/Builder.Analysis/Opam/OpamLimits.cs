namespace Builder.Analysis.Opam;

/// <summary>What bounds the work and memory a file of a stranger can cost: far above any real export, far below what hurts.</summary>
internal static class OpamLimits
{
    public const int Bytes = 16 * 1024 * 1024;

    /// <summary>Fields, sections and values together; an export of 200 packages has some ten thousand.</summary>
    public const int Nodes = 200_000;

    public const int Identifier = 1000;

    /// <summary>
    /// Height of the tree, brackets in brackets; a chain of <c>&amp;</c> and <c>|</c> is one level, however long. Whoever walks a tree may
    /// therefore recurse, but for the terms of a chain.
    /// </summary>
    public const int Depth = 500;
}
