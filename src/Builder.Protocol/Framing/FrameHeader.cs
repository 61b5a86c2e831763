using System.Buffers.Binary;

namespace Builder.Protocol.Framing;

/// <summary>What stands before each body: its length, 8 bytes, unsigned, big-endian.</summary>
internal static class FrameHeader
{
    public const int Size = 8;

    public static byte[] Of(long bodyLength)
    {
        var header = new byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(header, bodyLength);
        return header;
    }
}
