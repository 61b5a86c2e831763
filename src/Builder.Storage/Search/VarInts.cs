namespace Builder.Storage.Search;

/// <summary>Numbers of seven bits a byte, the lowest first; the eighth bit says that more follow.</summary>
internal static class VarInts
{
    public static void Write(List<byte> output, ulong value)
    {
        while (value >= 0x80)
        {
            output.Add((byte)(value | 0x80));
            value >>= 7;
        }
        output.Add((byte)value);
    }

    /// <exception cref="InvalidDataException">The bytes end within a number, or it has more than 64 bits.</exception>
    public static ulong Read(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at >= bytes.Length)
                throw new InvalidDataException("a block of the search index is cut off");
            var next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
        throw new InvalidDataException("a block of the search index holds a number of more than 64 bits");
    }
}
