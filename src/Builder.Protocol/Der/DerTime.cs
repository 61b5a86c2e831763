using System.Text;
using Builder.Protocol.Values;

namespace Builder.Protocol.Der;

/// <summary>The two forms of <c>Time</c>: read both, written always as GeneralizedTime.</summary>
internal static class DerTime
{
    private const string UtcForm = "yyMMddHHmmssZ";
    private const string GeneralizedForm = "yyyyMMddHHmmss[.fff]Z";

    /// <summary>
    /// Reads a time. Its fraction has three digits; with <paramref name="shortFractions"/>, for files at rest, also one or two,
    /// which count milliseconds (<c>.5</c> is 5 ms): so the original shows them, and a stored build must not change its times.
    /// </summary>
    /// <param name="wasCut">The fraction is there, and zero.</param>
    public static Timestamp ReadTime(this DerReader reader, string name, bool shortFractions, out bool wasCut)
    {
        wasCut = false;
        return reader.PeekTag(name) == DerTag.UtcTime
            ? reader.ReadUtcTime(name)
            : reader.ReadGeneralizedTime(name, shortFractions, out wasCut);
    }

    public static Timestamp ReadTime(this DerReader reader, string name) => reader.ReadTime(name, shortFractions: false, out _);

    public static Timestamp ReadUtcTime(this DerReader reader, string name)
    {
        var content = reader.ReadPrimitive(DerTag.UtcTime, name).Span;
        if (
            content.Length != UtcForm.Length
            || content[^1] != 'Z'
            || !TryDigits(content[..2], out var year)
            || !TryCivil(year < 50 ? 2000 + year : 1900 + year, content[2..], 0, out var time)
        )
        {
            throw NotATime(reader, name, content, UtcForm);
        }
        return time;
    }

    private static Timestamp ReadGeneralizedTime(this DerReader reader, string name, bool shortFractions, out bool wasCut)
    {
        var content = reader.ReadPrimitive(DerTag.GeneralizedTime, name).Span;
        if (
            content.Length < 15
            || content[^1] != 'Z'
            || !TryDigits(content[..4], out var year)
            || !TryFraction(content[14..^1], shortFractions, out var milliseconds)
            || !TryCivil(year, content[4..], milliseconds, out var time)
        )
        {
            throw NotATime(reader, name, content, GeneralizedForm);
        }
        wasCut = content[14] == '.' && milliseconds == 0;
        return time;
    }

    /// <param name="wasCut">Write a fraction even where it is zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">The year is not one of 0 to 9999.</exception>
    public static void WriteTime(this DerWriter writer, Timestamp time, bool wasCut = false)
    {
        var civil = CivilTime.From(time);
        if (!civil.IsValid)
            throw new ArgumentOutOfRangeException(nameof(time), time.Ticks, "the wire has years 0 to 9999");
        var hasFraction = wasCut || HasFraction(time);
        var length = LengthOf(hasFraction);
        writer.WriteHeader(DerTag.GeneralizedTime, length);
        var text = writer.Take(length);
        WriteDigits(text[..4], civil.Year);
        WriteDigits(text[4..6], civil.Month);
        WriteDigits(text[6..8], civil.Day);
        WriteDigits(text[8..10], civil.Hour);
        WriteDigits(text[10..12], civil.Minute);
        WriteDigits(text[12..14], civil.Second);
        if (hasFraction)
        {
            text[14] = (byte)'.';
            WriteDigits(text[15..18], civil.Milliseconds);
        }
        text[^1] = (byte)'Z';
    }

    /// <summary>What <see cref="WriteTime"/> writes.</summary>
    public static int SizeOf(Timestamp time) => 2 + LengthOf(HasFraction(time));

    private static bool HasFraction(Timestamp time) => time.Ticks % TimeSpan.TicksPerSecond != 0;

    private static int LengthOf(bool hasFraction) => hasFraction ? 19 : 15;

    private static void WriteDigits(Span<byte> destination, int value)
    {
        for (var i = destination.Length - 1; i >= 0; i--)
        {
            destination[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }

    private static bool TryFraction(ReadOnlySpan<byte> text, bool shortFractions, out int milliseconds)
    {
        milliseconds = 0;
        if (text.IsEmpty)
            return true;
        var digits = text.Length - 1;
        return text[0] == '.' && (digits == 3 || (shortFractions && digits is 1 or 2)) && TryDigits(text[1..], out milliseconds);
    }

    private static bool TryCivil(int year, ReadOnlySpan<byte> rest, int milliseconds, out Timestamp time)
    {
        time = default;
        if (
            !TryDigits(rest[..2], out var month)
            || !TryDigits(rest[2..4], out var day)
            || !TryDigits(rest[4..6], out var hour)
            || !TryDigits(rest[6..8], out var minute)
            || !TryDigits(rest[8..10], out var second)
        )
        {
            return false;
        }
        var civil = new CivilTime(year, month, day, hour, minute, second, milliseconds);
        if (!civil.IsValid)
            return false;
        time = civil.ToTimestamp();
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            value = (value * 10) + (digit - '0');
        }
        return true;
    }

    private static ProtocolException NotATime(DerReader reader, string name, ReadOnlySpan<byte> content, string form)
    {
        var shown = Encoding.Latin1.GetString(content[..Math.Min(content.Length, 32)]);
        var printable = new string([.. shown.Select(c => c is >= ' ' and <= '~' ? c : '?')]);
        return reader.MalformedContent(name, content.Length, $"\"{printable}\" is not a time of the form {form}");
    }
}
