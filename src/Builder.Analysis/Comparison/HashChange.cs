namespace Builder.Analysis.Comparison;

/// <summary>A hash that is not the same on both sides; null where a side has none of that kind.</summary>
/// <param name="Kind">Such as sha256.</param>
public sealed record HashChange(string Kind, string? Left, string? Right);
