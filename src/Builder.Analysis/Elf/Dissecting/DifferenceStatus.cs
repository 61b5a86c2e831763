namespace Builder.Analysis.Elf;

public enum DifferenceStatus
{
    SameSize,
    Came,
    Grew,
    Shrank,
    Went,
}
