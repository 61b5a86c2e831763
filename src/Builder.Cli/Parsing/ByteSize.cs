using System.Globalization;

namespace Builder.Cli.Parsing;

/// <summary>Sizes as people write them: 1048576, 512K, 512M, 4G, 1T.</summary>
internal static class ByteSize
{
    public static bool TryParse(string text, out long bytes)
    {
        const string Units = "KMGT";
        var unit = text.Length == 0 ? -1 : Units.IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal);
        var digits = unit < 0 ? text : text[..^1];
        bytes = 0;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
            return false;
        var shift = 10 * (unit + 1);
        bytes = number << shift;
        return bytes >> shift == number;
    }
}
