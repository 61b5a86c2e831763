namespace Builder.Fuzz;

/// <summary>What must hold for any input.</summary>
internal static class Expect
{
    public static void Same(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        if (!expected.SequenceEqual(actual))
            throw new InvalidDataException($"expected {Convert.ToHexString(expected)}, got {Convert.ToHexString(actual)}");
    }
}
