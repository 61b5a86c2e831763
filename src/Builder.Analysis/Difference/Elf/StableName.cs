namespace Builder.Analysis.Difference.Elf;

/// <summary>Names of symbols without the numbers that compilers count up or hash: <c>buffer.12</c>, <c>f.constprop.0</c>, <c>camlList__map_123</c>.</summary>
internal static class StableName
{
    private static readonly string[] Numbered =
    [
        ".constprop",
        ".isra",
        ".part",
        ".llvm",
        ".lto_priv",
        ".cold",
        ".localalias",
        ".ltrans",
        ".clone",
    ];

    public static string Of(string name)
    {
        var text = name.AsSpan();
        if (text.StartsWith("caml") && text.Length > 4 && char.IsAsciiLetterUpper(text[4]))
            return OCaml(text);
        while (TryCutNumber(text, '.', out var shorter))
        {
            text = shorter;
            // The kind of a clone stays: a part is not its function.
            if (IsKind(text))
                break;
        }
        text = WithoutRustHash(text);
        return text.Length == name.Length ? name : text.ToString();
    }

    /// <summary>Lower-case hexadecimal digits and nothing else.</summary>
    public static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiHexDigitLower(letter))
                return false;
        }
        return true;
    }

    private static bool IsKind(ReadOnlySpan<char> text)
    {
        foreach (var kind in Numbered)
        {
            if (text.EndsWith(kind))
                return true;
        }
        return false;
    }

    private static string OCaml(ReadOnlySpan<char> name)
    {
        var isCode = name.EndsWith("_code");
        if (isCode)
            name = name[..^5];
        while (TryCutNumber(name, '_', out var shorter) && !shorter.EndsWith("_") && shorter.Length > 5)
            name = shorter;
        // camlM__12: a constant without a name.
        if (TryCutNumber(name, '_', out var unnamed))
            name = unnamed;
        return isCode ? $"{name}_code" : name.ToString();
    }

    private static bool TryCutNumber(ReadOnlySpan<char> text, char separator, out ReadOnlySpan<char> shorter)
    {
        var digits = text.Length;
        while (digits > 0 && char.IsAsciiDigit(text[digits - 1]))
            digits--;
        var found = digits < text.Length && digits > 1 && text[digits - 1] == separator;
        shorter = found ? text[..(digits - 1)] : text;
        return found;
    }

    private static ReadOnlySpan<char> WithoutRustHash(ReadOnlySpan<char> text)
    {
        // _ZN…17h, sixteen hexadecimal digits, E
        if (text.Length > 24 && text.StartsWith("_ZN") && text[^1] == 'E' && text[^20..].StartsWith("17h") && IsHex(text[^17..^1]))
            return text[..^20];
        return text;
    }
}
