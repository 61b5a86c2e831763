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
        if (Read(lastLine) is not { } used)
            return null;
        return $"{Wording.Duration(used.ProcessorTime)} of CPU, {Wording.Bytes(used.Memory)} of memory at peak"
            + (used.Written == 0 ? "" : $", {Wording.Bytes(used.Written)} written");
    }

    /// <summary>Processor time, and bytes of memory at peak and written; null where the line says no such thing.</summary>
    public static (TimeSpan ProcessorTime, long Memory, long Written)? Read(string lastLine) =>
        Note().Match(lastLine) is { Success: true } note
            ? (TimeSpan.FromSeconds(Number(note, "seconds")), Bytes(note, "memory"), Bytes(note, "written"))
            : null;

    /// <summary>Of the end of a stored console.</summary>
    public static async Task<(TimeSpan ProcessorTime, long Memory, long Written)?> ReadAsync(
        Stream console,
        CancellationToken cancellationToken
    )
    {
        const int MaxLine = 512;
        console.Seek(-Math.Min(console.Length, MaxLine), SeekOrigin.End);
        var end = new byte[MaxLine];
        var length = await console.ReadAtLeastAsync(end, MaxLine, throwOnEndOfStream: false, cancellationToken);
        var text = end.AsMemory(0, length);
        text = text.TrimEnd("\n"u8);
        return Read(ConsoleFile.Text(text.Span[(text.Span.LastIndexOf((byte)'\n') + 1)..]));
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
