using System.Text.RegularExpressions;
using Builder.Cli.Text;

namespace Builder.Cli.Parsing;

/// <summary>A file that is not there, in our words.</summary>
internal static partial class FileFault
{
    /// <param name="exception">A <see cref="FileNotFoundException"/> or <see cref="DirectoryNotFoundException"/>.</param>
    public static string Explain(Exception exception)
    {
        var path = (exception as FileNotFoundException)?.FileName ?? QuotedPath().Match(exception.Message).Groups[1].Value;
        return path.Length == 0 ? exception.Message : $"cannot open \"{Printable.Of(path)}\": no such file or directory";
    }

    [GeneratedRegex("'(.+)'", RegexOptions.Singleline)]
    private static partial Regex QuotedPath();
}
