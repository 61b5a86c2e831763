namespace Builder.Analysis.Elf;

/// <summary>What runs a unikernel; the numbers are those of the note, the names those of the JSON in lower case.</summary>
public enum Solo5Target
{
    Hvt = 1,
    Spt = 2,
    Virtio = 3,
    Muen = 4,
    Genode = 5,
    Xen = 6,
}
