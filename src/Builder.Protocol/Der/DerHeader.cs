using System.Buffers.Binary;

namespace Builder.Protocol.Der;

/// <summary>Identifier and length of an element.</summary>
/// <param name="Length">Of the content, as claimed.</param>
/// <param name="Size">Of this header itself.</param>
internal readonly record struct DerHeader(byte Tag, long Length, int Size)
{
    /// <summary>
    /// Reads a header from the start of <paramref name="bytes"/>. Returns false when the header is cut off
    /// (<paramref name="problem"/> null) or not DER (<paramref name="problem"/> says why).
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out DerHeader header, out string? problem)
    {
        header = default;
        problem = null;
        if (bytes.Length < 1)
            return false;
        if ((bytes[0] & 0x1f) == 0x1f)
        {
            problem = $"tag 0x{bytes[0]:x2} starts a tag number above 30, which the protocol does not have";
            return false;
        }
        if (bytes.Length < 2)
            return false;
        if (bytes[1] < 0x80)
        {
            header = new DerHeader(bytes[0], bytes[1], 2);
            return true;
        }
        var octets = bytes[1] & 0x7f;
        problem = octets switch
        {
            0 => "indefinite length",
            0x7f => "reserved form of length",
            > sizeof(long) => $"length of {octets} octets",
            _ => null,
        };
        if (problem is not null || bytes.Length < 2 + octets)
            return false;
        return TryReadLong(bytes, octets, out header, out problem);
    }

    private static bool TryReadLong(ReadOnlySpan<byte> bytes, int octets, out DerHeader header, out string? problem)
    {
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        bytes.Slice(2, octets).CopyTo(padded[(sizeof(ulong) - octets)..]);
        var length = BinaryPrimitives.ReadUInt64BigEndian(padded);
        problem = length switch
        {
            < 0x80 => "length in the long form where the short one would do",
            _ when bytes[2] == 0 => "length with leading zeros",
            > long.MaxValue => $"length of {length} bytes",
            _ => null,
        };
        header = problem is null ? new DerHeader(bytes[0], (long)length, 2 + octets) : default;
        return problem is null;
    }
}
