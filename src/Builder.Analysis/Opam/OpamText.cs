using System.Text;

namespace Builder.Analysis.Opam;

/// <summary>A string of an opam file: the bytes it means, usually UTF-8, never validated. Equality and order are by bytes.</summary>
public readonly struct OpamText : IEquatable<OpamText>, IComparable<OpamText>
{
    private readonly ReadOnlyMemory<byte> bytes;

    /// <summary>Wraps <paramref name="bytes"/> without copying; the caller must not change them afterwards.</summary>
    public OpamText(ReadOnlyMemory<byte> bytes) => this.bytes = bytes;

    public ReadOnlySpan<byte> Span => bytes.Span;

    public ReadOnlyMemory<byte> Memory => bytes;

    public bool IsEmpty => bytes.IsEmpty;

    public static OpamText FromUtf8(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>For people: what is not UTF-8 shows as U+FFFD.</summary>
    public override string ToString() => Encoding.UTF8.GetString(bytes.Span);

    public bool Equals(OpamText other) => bytes.Span.SequenceEqual(other.bytes.Span);

    public override bool Equals(object? obj) => obj is OpamText other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(bytes.Span);
        return hash.ToHashCode();
    }

    public int CompareTo(OpamText other) => bytes.Span.SequenceCompareTo(other.bytes.Span);

    public static bool operator ==(OpamText left, OpamText right) => left.Equals(right);

    public static bool operator !=(OpamText left, OpamText right) => !left.Equals(right);

    public static bool operator <(OpamText left, OpamText right) => left.CompareTo(right) < 0;

    public static bool operator <=(OpamText left, OpamText right) => left.CompareTo(right) <= 0;

    public static bool operator >(OpamText left, OpamText right) => left.CompareTo(right) > 0;

    public static bool operator >=(OpamText left, OpamText right) => left.CompareTo(right) >= 0;
}
