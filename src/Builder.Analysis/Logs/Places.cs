namespace Builder.Analysis.Logs;

/// <summary>The places that diagnostics begin with.</summary>
internal static class Places
{
    private const int MaxPath = 400;

    /// <summary><c>FILE:LINE:</c>, <c>FILE:LINE:COLUMN:</c> or <c>FILE:(.text+0x1c):</c> at the start.</summary>
    /// <param name="after">Index behind the last colon.</param>
    public static bool TryFileLine(ReadOnlySpan<char> text, out ReadOnlySpan<char> file, out int after)
    {
        file = default;
        after = 0;
        var start = 0;
        while (true)
        {
            var colon = text[start..].IndexOf(':');
            if (colon < 0 || start + colon > MaxPath)
                return false;
            colon += start;
            var end = colon + 1;
            var isPlace = TryNumber(text, ref end) || TrySection(text, ref end);
            if (!isPlace || end >= text.Length || text[end] != ':')
            {
                start = colon + 1;
                continue;
            }
            file = text[..colon];
            if (file.IsEmpty || file.ContainsAny(" \t\"'"))
                return false;
            end++;
            after = end;
            if (TryNumber(text, ref end) && end < text.Length && text[end] == ':')
                after = end + 1;
            return true;
        }
    }

    /// <summary>Without <c>FILE:LINE:COLUMN:</c> in front.</summary>
    public static string WithoutPlace(string text)
    {
        var span = text.AsSpan().TrimStart();
        if (TryFileLine(span, out _, out var after))
            return span[after..].TrimStart().ToString();
        if (span.StartsWith("CMake Error at ") && span.IndexOf("): ") is var cmake and > 0)
            return span[(cmake + 2)..].TrimStart().ToString();
        return text;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, ref int index)
    {
        var start = index;
        while (index < text.Length && char.IsAsciiDigit(text[index]))
            index++;
        if (index > start)
            return true;
        index = start;
        return false;
    }

    private static bool TrySection(ReadOnlySpan<char> text, ref int index)
    {
        if (!text[index..].StartsWith("(."))
            return false;
        var end = text[index..].IndexOf(')');
        if (end < 0)
            return false;
        index += end + 1;
        return true;
    }
}
