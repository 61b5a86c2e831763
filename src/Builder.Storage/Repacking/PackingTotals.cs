namespace Builder.Storage.Repacking;

/// <summary>What packing saves now.</summary>
/// <param name="Deltas">Contents that are stored as patches.</param>
/// <param name="Alone">Contents that are stored compressed alone.</param>
/// <param name="Contents">Bytes of these contents.</param>
/// <param name="Stored">Bytes of their packed forms, and of those contents that are still there whole beside them.</param>
public sealed record PackingTotals(long Deltas, long Alone, long Contents, long Stored)
{
    public long Saved => Contents - Stored;
}
