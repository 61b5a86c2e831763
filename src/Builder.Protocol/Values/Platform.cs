using System.Diagnostics.CodeAnalysis;

namespace Builder.Protocol.Values;

/// <summary>
/// What a worker builds for, such as <c>debian-12</c> or <c>freebsd-14.1</c>: a free string, but it names a template file and
/// directories, so it is UTF-8 of 1 to 255 bytes, not <c>.</c> or <c>..</c>, and holds no <c>/</c> and no control character.
/// </summary>
public sealed record Platform : IComparable<Platform>
{
    private Platform(string value) => Value = value;

    public string Value { get; }

    public ByteString Bytes => ByteString.FromUtf8(Value);

    /// <exception cref="FormatException">The text is not a platform; the message says why.</exception>
    public static Platform Parse(string text) =>
        TryParse(text, out var platform, out var reason) ? platform : throw new FormatException(reason);

    public static bool TryParse(ByteString bytes, [NotNullWhen(true)] out Platform? platform, [NotNullWhen(false)] out string? reason)
    {
        if (bytes.TryGetUtf8(out var text))
            return TryParse(text, out platform, out reason);
        platform = null;
        reason = $"platform \"{bytes}\" is not UTF-8";
        return false;
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out Platform? platform, [NotNullWhen(false)] out string? reason)
    {
        reason = PathSegment.Refuse("platform", text);
        platform = reason is null ? new Platform(text!) : null;
        return platform is not null;
    }

    public int CompareTo(Platform? other) => string.CompareOrdinal(Value, other?.Value);

    public override string ToString() => Value;

    public static bool operator <(Platform left, Platform right) => left.CompareTo(right) < 0;

    public static bool operator <=(Platform left, Platform right) => left.CompareTo(right) <= 0;

    public static bool operator >(Platform left, Platform right) => left.CompareTo(right) > 0;

    public static bool operator >=(Platform left, Platform right) => left.CompareTo(right) >= 0;
}
