using System.Globalization;
using System.Text.RegularExpressions;
using Builder.Web.Html;

namespace Builder.Web.Builds;

/// <summary>
/// What a build used, as the server notes it in the last line of the console when the worker measured it. Nothing else keeps it, and a
/// script could print such a line as its last, so it is shown as what the console says, and not among the facts of the build.
/// </summary>
internal static partial class ConsoleUsage
{
    private const double Mebibyte = 1048576;

    /// <summary>In units as pages have them; null where the line says no such thing.</summary>
    public static string? Of(string lastLine)
    {
        if (Note().Match(lastLine) is not { Success: true } note)
            return null;
        var written = Bytes(note, "written");
        return $"{Wording.Duration(TimeSpan.FromSeconds(Number(note, "seconds")))} of CPU, {Wording.Bytes(Bytes(note, "memory"))} of memory at peak"
            + (written == 0 ? "" : $", {Wording.Bytes(written)} written");
    }

    private static double Number(Match note, string name) =>
        double.Parse(note.Groups[name].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private static long Bytes(Match note, string name) => (long)(Number(note, name) * Mebibyte);

    /// <summary>Numbers are bounded, so that each fits.</summary>
    [GeneratedRegex(
        @"\Abuilder: (?<seconds>[0-9]{1,9}\.[0-9]{2}) s of processor time, (?<memory>[0-9]{1,9}\.[0-9]) MiB of memory at most, (?<written>[0-9]{1,9}\.[0-9]) MiB written\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Note();
}
