using System.Globalization;
using System.Text;

namespace Builder.Analysis.Difference.Output;

/// <summary>Texts of strangers for a terminal: nothing that moves the cursor, hides or reverses text.</summary>
internal static class ShownText
{
    public static string Of(string text, int max = 160)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= max)
                return shown.Append('…').ToString();
            if (
                Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.PrivateUse
                    or UnicodeCategory.OtherNotAssigned
            )
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            else
                shown.Append(rune);
        }
        return shown.ToString();
    }

    /// <summary><c>left → right</c>, from where they differ if they are long.</summary>
    public static string Values(string? left, string? right, int max = 160)
    {
        if (left is null || right is null)
            return left is null ? $"only right: {Of(right ?? "", max)}" : $"only left: {Of(left, max)}";
        if (left.Length > max / 2 && right.Length > max / 2 && left.AsSpan().CommonPrefixLength(right) is > 40 and var prefix)
        {
            var from = prefix - 20;
            (left, right) = ($"…{left[from..]}", $"…{right[from..]}");
        }
        return $"{Of(left, max / 2)} → {Of(right, max / 2)}";
    }

    public static string Name(DifferenceStatus status) =>
        status switch
        {
            DifferenceStatus.OnlyLeft => "only_left",
            DifferenceStatus.OnlyRight => "only_right",
            DifferenceStatus.Moved => "moved",
            DifferenceStatus.Same => "same",
            _ => "changed",
        };

    public static string Name(ChangeType type) =>
        type switch
        {
            ChangeType.Lines => "lines",
            ChangeType.Bytes => "bytes",
            ChangeType.Symbols => "symbols",
            ChangeType.Members => "members",
            ChangeType.Order => "order",
            _ => "field",
        };
}
