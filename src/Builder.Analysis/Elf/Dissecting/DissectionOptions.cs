namespace Builder.Analysis.Elf;

public sealed record DissectionOptions
{
    public static DissectionOptions Default { get; } = new();

    /// <summary>
    /// Size of the stripped binary that a file with symbols belongs to. With it the dissection is of that binary: what only the
    /// file with symbols has (debug information, symbol tables) is left out, and the sizes add up to this one.
    /// </summary>
    public long? StrippedSize { get; init; }
}
