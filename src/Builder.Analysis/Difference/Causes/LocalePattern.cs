using System.Text.RegularExpressions;

namespace Builder.Analysis.Difference.Causes;

/// <summary>The same value written for people of another language: decimal comma, grouped digits, names of months and days.</summary>
internal static partial class LocalePattern
{
    public static bool IsCause(string left, string right)
    {
        if (left.Length > 4096 || right.Length > 4096)
            return false;
        if (Numbers().IsMatch(left) && Numbers().IsMatch(right) && Plain(left) == Plain(right))
            return true;
        return Foreign().IsMatch(left) != Foreign().IsMatch(right) && (English().IsMatch(left) || English().IsMatch(right))
            || (Foreign().IsMatch(left) && Foreign().IsMatch(right) && !SameWords(left, right));
    }

    /// <summary>One side is sorted by bytes, the other as a language sorts: without regard to case and signs.</summary>
    public static bool IsCollation(IReadOnlyList<string> left, IReadOnlyList<string> right) =>
        (IsSorted(left, string.CompareOrdinal) && IsSorted(right, CompareLetters))
        || (IsSorted(right, string.CompareOrdinal) && IsSorted(left, CompareLetters));

    private static bool IsSorted(IReadOnlyList<string> lines, Comparison<string> compare)
    {
        for (var i = 1; i < lines.Count; i++)
        {
            if (compare(lines[i - 1], lines[i]) > 0)
                return false;
        }
        return lines.Count > 1;
    }

    private static int CompareLetters(string left, string right)
    {
        int a = 0,
            b = 0;
        while (true)
        {
            while (a < left.Length && !char.IsLetterOrDigit(left[a]))
                a++;
            while (b < right.Length && !char.IsLetterOrDigit(right[b]))
                b++;
            if (a == left.Length || b == right.Length)
                return (left.Length - a) - (right.Length - b) is var rest && (a == left.Length && b == right.Length) ? 0 : rest;
            var order = char.ToLowerInvariant(left[a++]).CompareTo(char.ToLowerInvariant(right[b++]));
            if (order != 0)
                return order;
        }
    }

    private static string Plain(string text) =>
        Numbers()
            .Replace(
                text,
                match =>
                {
                    var digits = match
                        .Value.Replace(" ", "", StringComparison.Ordinal)
                        .Replace("\u00a0", "", StringComparison.Ordinal)
                        .Replace("\u202f", "", StringComparison.Ordinal)
                        .Replace("'", "", StringComparison.Ordinal);
                    return digits.Replace(",", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal);
                }
            );

    private static bool SameWords(string left, string right) =>
        Foreign().Matches(left).Select(match => match.Value).SequenceEqual(Foreign().Matches(right).Select(match => match.Value));

    [GeneratedRegex(@"\d{1,3}(?:[.,'\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+[.,]?\d*", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();

    [GeneratedRegex(
        @"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|June|July|August|September|October|November|December)\b",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex English();

    // German, French, Spanish, Italian, Portuguese, Dutch: the languages of most build machines that are not in English.
    [GeneratedRegex(
        @"\b(?:Mo|Di|Mi|Do|Fr|Sa|So|Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag|Mär|März|Mai|Okt|Dez|Januar|Februar|Juni|Juli|Oktober|Dezember|lun|mar|mer|jeu|ven|sam|dim|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janv|févr|avril|juin|juil|août|janvier|février|mars|juillet|septembre|octobre|novembre|décembre|ene|abr|ago|dic|lunes|martes|miércoles|jueves|viernes|sábado|domingo|enero|febrero|marzo|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gen|mag|giu|lug|set|ott|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|fev|out|dez|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|mrt|mei|maart|augustus)\b",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Foreign();
}
