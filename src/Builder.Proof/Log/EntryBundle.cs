using System.Buffers.Binary;

namespace Builder.Proof.Log;

/// <summary>The entries of up to 256 leaves in one file: before each its length in two bytes, big-endian (C2SP tlog-tiles).</summary>
public static class EntryBundle
{
    /// <summary>The longest entry, in bytes.</summary>
    public const int MaxEntryLength = ushort.MaxValue;

    /// <summary>The longest bundle, in bytes.</summary>
    public const int MaxLength = TileAddress.FullWidth * (sizeof(ushort) + MaxEntryLength);

    public static void Append(Stream bundle, ReadOnlySpan<byte> entry)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)entry.Length));
        bundle.Write(length);
        bundle.Write(entry);
    }

    /// <summary>The first <paramref name="count"/> entries; what follows them is left out, as a full bundle stands in for each partial one.</summary>
    /// <exception cref="InvalidLogDataException">It holds fewer, or ends inside one.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> bundle, int count)
    {
        var entries = new List<ReadOnlyMemory<byte>>(Math.Min(count, TileAddress.FullWidth));
        var rest = bundle;
        while (entries.Count < count)
        {
            if (rest.Length < sizeof(ushort))
                throw new InvalidLogDataException($"the bundle has {entries.Count} entries, not {count}");
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest.Span);
            rest = rest[sizeof(ushort)..];
            if (rest.Length < length)
                throw new InvalidLogDataException($"the bundle ends inside entry {entries.Count}");
            entries.Add(rest[..length]);
            rest = rest[length..];
        }
        return entries;
    }

    /// <summary>How many bytes of the bundle its first <paramref name="count"/> entries take.</summary>
    /// <exception cref="InvalidLogDataException">It holds fewer.</exception>
    public static int LengthOf(ReadOnlyMemory<byte> bundle, int count) =>
        Read(bundle, count).Sum(static entry => sizeof(ushort) + entry.Length);
}
