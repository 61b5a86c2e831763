namespace Builder.Analysis.Elf;

/// <summary>
/// Bytes of a section that are its own: those that no earlier section of the file claimed. <paramref name="Start"/> is the position of
/// the first in the file (or in the stripped binary's loaded sections laid end to end), <paramref name="Skipped"/> how many of the
/// section's bytes lie before it.
/// </summary>
internal readonly record struct Stretch(ElfSection Section, long Start, long Skipped, long Length)
{
    public long End => Start + Length;
}
