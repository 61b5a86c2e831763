using System.Text;

namespace Builder.Analysis.Logs;

/// <summary>Lines as a person sees them: without terminal codes and the times that log keepers put in front.</summary>
internal static class LogText
{
    /// <summary>Characters of a line; more of it is not looked at.</summary>
    public const int MaxLength = 2000;

    /// <summary>Invalid UTF-8 and control characters become U+FFFD. Trailing white space is gone.</summary>
    public static string Clean(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)'\n').TrimEnd((byte)'\r');
        // A progress bar that is drawn again and again: what stood last is what was seen.
        if (line.LastIndexOf((byte)'\r') is var redrawn and >= 0)
            line = line[(redrawn + 1)..];
        line = line[Time(line)..];
        if (line.Length > MaxLength)
            line = line[..MaxLength];
        var text = line.IndexOfAnyInRange((byte)0, (byte)0x1f) < 0 ? Encoding.UTF8.GetString(line) : WithoutControls(line);
        return text.TrimEnd();
    }

    private static string WithoutControls(ReadOnlySpan<byte> line)
    {
        var text = new StringBuilder(line.Length);
        var whole = Encoding.UTF8.GetString(line);
        for (var i = 0; i < whole.Length; i++)
        {
            var character = whole[i];
            if (character == '\x1b')
                i = EndOfSequence(whole, i);
            else if (character == '\b' && text.Length > 0)
                text.Length--;
            else if (character == '\t' || !char.IsControl(character))
                text.Append(character);
            else
                text.Append('\ufffd');
        }
        return text.ToString();
    }

    /// <summary>ECMA-48: CSI sequences end with a byte from 0x40 to 0x7e, strings (OSC) with BEL or ESC \.</summary>
    private static int EndOfSequence(string text, int escape)
    {
        var i = escape + 1;
        if (i >= text.Length)
            return escape;
        if (text[i] == '[')
        {
            for (i++; i < text.Length && text[i] is < '@' or > '~'; i++) { }
            return Math.Min(i, text.Length - 1);
        }
        if (text[i] != ']')
            return i;
        for (; i < text.Length && text[i] != '\a'; i++)
        {
            if (text[i] == '\x1b')
                return Math.Min(i + 1, text.Length - 1);
        }
        return Math.Min(i, text.Length - 1);
    }

    /// <summary>Length of <c>12.345s:</c>, <c>2026-11-27T06:00:00.123Z </c> or <c>[06:00:00] </c> in front.</summary>
    private static int Time(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty || !(char.IsAsciiDigit((char)line[0]) || line[0] == '['))
            return 0;
        var isBracketed = line[0] == '[';
        var start = isBracketed ? 1 : 0;
        var end = start;
        while (end < line.Length && end < 40 && (char.IsAsciiDigit((char)line[end]) || ".:-+TZ ,".Contains((char)line[end])))
            end++;
        var digits = line[start..end];
        if (isBracketed)
            return end < line.Length - 1 && line[end] == ']' && digits.Count((byte)':') == 2 ? Math.Min(end + 2, line.Length) : 0;
        if (end + 1 < line.Length && line[end] == 's' && line[end + 1] == ':' && digits.Count((byte)'.') == 1)
            return end + 2;
        // Date, T, time, zone and a blank, as container engines and hosted builders write.
        var blank = line.IndexOf((byte)' ');
        return blank is >= 20 and < 40 && line[4] == '-' && line[7] == '-' && line[10] == 'T' && line[13] == ':' ? blank + 1 : 0;
    }
}
