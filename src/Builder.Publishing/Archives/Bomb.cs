namespace Builder.Publishing.Archives;

/// <summary>How much packed bytes may grow: what is honestly packed well is small, what is large does not pack a thousandfold.</summary>
internal static class Bomb
{
    private const long AlwaysAllowed = 256L << 20;
    private const long LargestRatio = 200;

    public static long Limit(long packed, long most) => Math.Min(most, Math.Max(AlwaysAllowed, packed * LargestRatio));
}
