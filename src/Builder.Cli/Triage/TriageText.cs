using System.Globalization;
using System.Text;
using Builder.Analysis.Logs;
using Builder.Cli.Text;

namespace Builder.Cli.Triage;

/// <summary>The answer for people: where, who says it, and the lines around it.</summary>
internal static class TriageText
{
    public static byte[] Of(FirstError found)
    {
        var text = new StringBuilder();
        var subject = found.Subject is { } package ? $", building {Printable.Of(package)}" : "";
        text.Append(
            CultureInfo.InvariantCulture,
            $"line {found.Line}, {Printable.Of(found.Tool)}{subject}: {Printable.Of(found.Text)}\n\n"
        );
        var isMarked = false;
        foreach (var line in found.Context)
        {
            var isIt = !isMarked && line == found.Text;
            isMarked |= isIt;
            text.Append(CultureInfo.InvariantCulture, $"{(isIt ? "> " : "  ")}{Printable.Of(line)}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"\nfingerprint {found.Fingerprint}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
