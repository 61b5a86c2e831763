namespace Builder.Analysis.Difference.Elf;

/// <param name="Start">In memory.</param>
/// <param name="Size">In bytes; 0 where the table does not say.</param>
internal sealed record DataSymbol(string Name, string Module, ulong Start, ulong Size, int Section, bool IsLocal)
{
    public string StableName { get; } = Elf.StableName.Of(Name);

    // Of several names of one place the same one is taken on both sides; one with a size before one without.
    public static int ByStart(DataSymbol left, DataSymbol right)
    {
        var order = left.Start.CompareTo(right.Start);
        if (order == 0)
            order = right.Size.CompareTo(left.Size);
        if (order == 0)
            order = left.IsLocal.CompareTo(right.IsLocal);
        return order != 0 ? order : string.CompareOrdinal(left.Name, right.Name);
    }
}
