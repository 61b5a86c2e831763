namespace Builder.Analysis.Difference.Leaves;

/// <summary>Bytes that differ: offsets and lengths on both sides. A length is 0 where the other side has inserted bytes.</summary>
internal readonly record struct ByteRange(long Left, long LeftLength, long Right, long RightLength);
