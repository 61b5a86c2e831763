using System.Runtime.InteropServices;

namespace Builder.Analysis.Difference.Elf;

/// <summary>A quick hash to tell texts and code of the two sides apart. Who forges an equal one only hides a difference of his own.</summary>
internal static class Fingerprint
{
    public const ulong Start = 0xCBF29CE484222325UL;

    public static ulong Mix(ulong hash, ulong value)
    {
        hash = (hash ^ value) * 0x9E3779B97F4A7C15UL;
        return hash ^ hash >> 29;
    }

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = Mix(Start, (ulong)bytes.Length);
        while (bytes.Length >= 8)
        {
            hash = Mix(hash, MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[8..];
        }
        ulong last = 0;
        foreach (var value in bytes)
            last = last << 8 | value;
        return Mix(hash, last);
    }
}
