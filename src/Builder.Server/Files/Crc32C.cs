using System.Buffers.Binary;
using System.Numerics;

namespace Builder.Server.Files;

/// <summary>CRC-32C (RFC 3720, appendix B.4), by the processor's own instruction: finds every flipped bit of a file, no forgery.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Add(uint.MaxValue, bytes);

    /// <param name="sum">Of what comes before, <see cref="uint.MaxValue"/> at first; the complement of the last one is the checksum.</param>
    public static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (var value in bytes)
            sum = BitOperations.Crc32C(sum, value);
        return sum;
    }

    public static uint Add(uint sum, ulong value) => BitOperations.Crc32C(sum, value);

    public static uint Add(uint sum, uint value) => BitOperations.Crc32C(sum, value);
}
