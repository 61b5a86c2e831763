namespace Builder.Analysis.Difference;

/// <summary>One thing that differs in a node.</summary>
/// <param name="Place">Where in the file: <c>modification time</c>, <c>line 12</c>, <c>offset 0x40</c>, <c>.text chosen</c>.</param>
/// <param name="Left">Short and printable; null where the left side has nothing.</param>
/// <param name="Right">Null where the right side has nothing.</param>
public sealed record Change(ChangeType Type, string Place, string? Left, string? Right)
{
    /// <summary>Several lines: a unified diff, or a list. Null where the two values say all.</summary>
    public string? Text { get; init; }

    /// <summary>It follows from another difference and has no cause of its own.</summary>
    public bool Follows { get; init; }
}
