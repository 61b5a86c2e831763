using System.Diagnostics.CodeAnalysis;

namespace Builder.Protocol.Values;

/// <summary>
/// Where a build left a file: relative, segments separated by <c>/</c>, none of them empty, <c>.</c> or <c>..</c>, no NUL.
/// The bytes are kept as they are; a file system path is made from it only below a directory of our own.
/// </summary>
public sealed record ArtifactPath : IComparable<ArtifactPath>
{
    private const int MaxSizeInBytes = 4096;

    private ArtifactPath(ByteString bytes) => Bytes = bytes;

    public ByteString Bytes { get; }

    /// <exception cref="FormatException">The text is not such a path; the message says why.</exception>
    public static ArtifactPath Parse(string text) =>
        TryParse(ByteString.FromUtf8(text), out var path, out var reason) ? path : throw new FormatException(reason);

    public static bool TryParse(ByteString bytes, [NotNullWhen(true)] out ArtifactPath? path, [NotNullWhen(false)] out string? reason)
    {
        reason = Refuse(bytes);
        path = reason is null ? new ArtifactPath(bytes) : null;
        return path is not null;
    }

    private static string? Refuse(ByteString bytes)
    {
        var span = bytes.Span;
        if (span.IsEmpty)
            return "artifact path is empty";
        if (span.Length > MaxSizeInBytes)
            return $"artifact path is longer than {MaxSizeInBytes} bytes";
        if (span.Contains((byte)0))
            return $"artifact path \"{bytes.ToString().Replace('\0', '\uFFFD')}\" holds NUL";
        if (span[0] == (byte)'/')
            return $"artifact path \"{bytes}\" is absolute";
        foreach (var range in span.Split((byte)'/'))
        {
            var segment = span[range];
            if (segment.IsEmpty || segment.SequenceEqual("."u8) || segment.SequenceEqual(".."u8))
                return $"artifact path \"{bytes}\" has a segment \"{System.Text.Encoding.UTF8.GetString(segment)}\"";
        }
        return null;
    }

    public int CompareTo(ArtifactPath? other) => other is null ? 1 : Bytes.CompareTo(other.Bytes);

    /// <summary>For people; does not round-trip where the bytes are not UTF-8.</summary>
    public override string ToString() => Bytes.ToString();

    public static bool operator <(ArtifactPath left, ArtifactPath right) => left.CompareTo(right) < 0;

    public static bool operator <=(ArtifactPath left, ArtifactPath right) => left.CompareTo(right) <= 0;

    public static bool operator >(ArtifactPath left, ArtifactPath right) => left.CompareTo(right) > 0;

    public static bool operator >=(ArtifactPath left, ArtifactPath right) => left.CompareTo(right) >= 0;
}
