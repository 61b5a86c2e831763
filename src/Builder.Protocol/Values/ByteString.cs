using System.Text;

namespace Builder.Protocol.Values;

/// <summary>
/// Text as it stands on the wire: any bytes, usually UTF-8, never validated and never normalised, so that it round-trips exactly.
/// Equality is by content.
/// </summary>
public readonly struct ByteString : IEquatable<ByteString>, IComparable<ByteString>
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlyMemory<byte> bytes;

    /// <summary>Wraps <paramref name="bytes"/> without copying; the caller must not change them afterwards.</summary>
    public ByteString(ReadOnlyMemory<byte> bytes) => this.bytes = bytes;

    public static ByteString Empty => default;

    public ReadOnlyMemory<byte> Memory => bytes;

    public ReadOnlySpan<byte> Span => bytes.Span;

    public int Length => bytes.Length;

    public bool IsEmpty => bytes.IsEmpty;

    public static ByteString FromUtf8(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>False where the bytes are not valid UTF-8.</summary>
    public bool TryGetUtf8(out string text)
    {
        try
        {
            text = StrictUtf8.GetString(bytes.Span);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    /// <summary>For people: UTF-8 with U+FFFD in place of what is not. Does not round-trip.</summary>
    public override string ToString() => Encoding.UTF8.GetString(bytes.Span);

    public bool Equals(ByteString other) => bytes.Span.SequenceEqual(other.bytes.Span);

    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>Bytewise order.</summary>
    public int CompareTo(ByteString other) => bytes.Span.SequenceCompareTo(other.bytes.Span);

    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);

    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);

    public static bool operator <(ByteString left, ByteString right) => left.CompareTo(right) < 0;

    public static bool operator <=(ByteString left, ByteString right) => left.CompareTo(right) <= 0;

    public static bool operator >(ByteString left, ByteString right) => left.CompareTo(right) > 0;

    public static bool operator >=(ByteString left, ByteString right) => left.CompareTo(right) >= 0;
}
