using System.Globalization;

namespace Builder.Analysis.Drawing;

/// <summary>Numbers for people: three digits that matter, decimal units.</summary>
internal static class Units
{
    public static string Bytes(long size)
    {
        double magnitude = Math.Abs((double)size);
        return magnitude switch
        {
            < 1000 => string.Create(CultureInfo.InvariantCulture, $"{size} B"),
            < 999_500 => Short(size / 1e3, "kB"),
            < 999_500_000 => Short(size / 1e6, "MB"),
            _ => Short(size / 1e9, "GB"),
        };
    }

    /// <summary>With its sign, a real minus.</summary>
    public static string Change(long change) =>
        change > 0 ? "+" + Bytes(change)
        : change < 0 ? "−" + Bytes(-change)
        : "±0 B";

    public static string Share(long part, long whole)
    {
        var percent = whole > 0 ? 100.0 * part / whole : 0;
        return percent switch
        {
            0 => "0 %",
            < 0.01 => "< 0.01 %",
            < 0.1 => string.Create(CultureInfo.InvariantCulture, $"{percent:0.00} %"),
            < 99.95 => string.Create(CultureInfo.InvariantCulture, $"{percent:0.0} %"),
            _ => part == whole ? "100 %" : "> 99.9 %",
        };
    }

    private static string Short(double value, string unit) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{value.ToString(Math.Abs(value) < 9.995 ? "0.00" : Math.Abs(value) < 99.95 ? "0.0" : "0", CultureInfo.InvariantCulture)} {unit}"
        );
}
