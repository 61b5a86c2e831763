using System.Text;

namespace Builder.Cli.Parsing;

/// <summary>Help in the form that <c>man</c> and <c>groff</c> read.</summary>
internal static class ManualPage
{
    /// <summary>The text as it stands, in a page of section 1; see groff(7) for what has to be escaped.</summary>
    public static string Of(string name, string text)
    {
        var page = new StringBuilder(
            $".TH \"{name.ToUpperInvariant().Replace("-", "\\-", StringComparison.Ordinal)}\" 1\n.SH NAME\n{name.Replace("-", "\\-", StringComparison.Ordinal)}\n.SH DESCRIPTION\n.nf\n"
        );
        foreach (var line in text.TrimEnd().Split('\n'))
        {
            var escaped = line.TrimEnd('\r').Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
            page.Append(escaped is ['.' or '\'', ..] ? "\\&" : "").Append(escaped).Append('\n');
        }
        return page.Append(".fi\n").ToString();
    }
}
