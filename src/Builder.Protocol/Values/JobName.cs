using System.Diagnostics.CodeAnalysis;

namespace Builder.Protocol.Values;

/// <summary>
/// The name of a job, unique in the schedule. It is also a path segment in the data directories, so it is UTF-8 of 1 to
/// 255 bytes, not <c>.</c> or <c>..</c>, does not start with <c>_</c>, and holds no <c>/</c> and no control character.
/// </summary>
public sealed record JobName : IComparable<JobName>
{
    private JobName(string value) => Value = value;

    public string Value { get; }

    public ByteString Bytes => ByteString.FromUtf8(Value);

    /// <exception cref="FormatException">The text is not a job name; the message says why.</exception>
    public static JobName Parse(string text) => TryParse(text, out var name, out var reason) ? name : throw new FormatException(reason);

    public static bool TryParse(ByteString bytes, [NotNullWhen(true)] out JobName? name, [NotNullWhen(false)] out string? reason)
    {
        if (bytes.TryGetUtf8(out var text))
            return TryParse(text, out name, out reason);
        name = null;
        reason = $"job name \"{bytes}\" is not UTF-8";
        return false;
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out JobName? name, [NotNullWhen(false)] out string? reason)
    {
        reason =
            PathSegment.Refuse("job name", text)
            ?? (
                text!.StartsWith('_') ? $"job name \"{text}\" starts with \"_\", which is kept for the data directory's own folders" : null
            );
        name = reason is null ? new JobName(text!) : null;
        return name is not null;
    }

    public int CompareTo(JobName? other) => string.CompareOrdinal(Value, other?.Value);

    public override string ToString() => Value;

    public static bool operator <(JobName left, JobName right) => left.CompareTo(right) < 0;

    public static bool operator <=(JobName left, JobName right) => left.CompareTo(right) <= 0;

    public static bool operator >(JobName left, JobName right) => left.CompareTo(right) > 0;

    public static bool operator >=(JobName left, JobName right) => left.CompareTo(right) >= 0;
}
