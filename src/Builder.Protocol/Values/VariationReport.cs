namespace Builder.Protocol.Values;

/// <summary>What of the variations that were asked for a worker made, and why not the others.</summary>
public sealed record VariationReport(Variations Made, IReadOnlyList<MissingVariation> Missing)
{
    public static VariationReport None { get; } = new(Variations.None, []);

    /// <summary>None of them, all for the same reason.</summary>
    public static VariationReport NoneOf(Variations wanted, string reason) =>
        new(Variations.None, [.. VariationNames.Each(wanted).Select(one => new MissingVariation(one, reason))]);

    /// <summary>Each missing one with its reason: <c>fileorder:no-fuse,kernel:no-setarch</c>.</summary>
    public string WriteMissing() => string.Join(',', Missing.Select(static one => $"{one.Name}:{one.Reason}"));

    /// <summary>Reads what was written, also by another version: what is not known is passed over.</summary>
    public static VariationReport Read(string made, string missing) =>
        new(
            VariationNames.ReadKnown(made),
            [
                .. missing
                    .Split(',', StringSplitOptions.RemoveEmptyEntries)
                    .Select(static one => one.Split(':'))
                    .Where(static one => one.Length == 2 && VariationNames.TryParse(one[0], out _) && MissingVariation.IsReason(one[1]))
                    .Select(static one => new MissingVariation(VariationNames.ReadKnown(one[0]), one[1])),
            ]
        );

    public override string ToString() => $"{VariationNames.Write(Made)} without {WriteMissing()}";

    public bool Equals(VariationReport? other) => other is not null && Made == other.Made && Missing.SequenceEqual(other.Missing);

    public override int GetHashCode() => HashCode.Combine(Made, Missing.Count);
}
