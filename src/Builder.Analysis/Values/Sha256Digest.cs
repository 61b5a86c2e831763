using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Builder.Analysis.Values;

/// <summary>The SHA-256 of a content, by which artifacts are stored and found.</summary>
public readonly record struct Sha256Digest : IComparable<Sha256Digest>
{
    public const int SizeInBytes = SHA256.HashSizeInBytes;

    private readonly ulong first;
    private readonly ulong second;
    private readonly ulong third;
    private readonly ulong fourth;

    private Sha256Digest(ReadOnlySpan<byte> bytes)
    {
        first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    public static Sha256Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SizeInBytes];
        SHA256.HashData(content, hash);
        return new Sha256Digest(hash);
    }

    /// <exception cref="InvalidDataException">Not 32 bytes.</exception>
    public static Sha256Digest FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == SizeInBytes
            ? new Sha256Digest(bytes)
            : throw new InvalidDataException($"a SHA-256 has {SizeInBytes} bytes, not {bytes.Length}");

    /// <summary>64 hexadecimal digits, either case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Sha256Digest digest)
    {
        Span<byte> bytes = stackalloc byte[SizeInBytes];
        var parsed =
            text?.Length == SizeInBytes * 2
            && Convert.FromHexString(text, bytes, out _, out var written) == System.Buffers.OperationStatus.Done
            && written == SizeInBytes;
        digest = parsed ? new Sha256Digest(bytes) : default;
        return parsed;
    }

    /// <exception cref="FormatException">Not 64 hexadecimal digits.</exception>
    public static Sha256Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"\"{text}\" is not a SHA-256 of 64 hexadecimal digits");

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, first);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], second);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], fourth);
    }

    public byte[] ToByteArray()
    {
        var bytes = new byte[SizeInBytes];
        CopyTo(bytes);
        return bytes;
    }

    public int CompareTo(Sha256Digest other) =>
        (first, second, third, fourth).CompareTo((other.first, other.second, other.third, other.fourth));

    /// <summary>64 hexadecimal digits in lower case.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[SizeInBytes];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    public static bool operator <(Sha256Digest left, Sha256Digest right) => left.CompareTo(right) < 0;

    public static bool operator <=(Sha256Digest left, Sha256Digest right) => left.CompareTo(right) <= 0;

    public static bool operator >(Sha256Digest left, Sha256Digest right) => left.CompareTo(right) > 0;

    public static bool operator >=(Sha256Digest left, Sha256Digest right) => left.CompareTo(right) >= 0;
}
