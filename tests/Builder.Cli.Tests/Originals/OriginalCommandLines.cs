using System.Text.RegularExpressions;
using Builder.Testing;

namespace Builder.Cli.Tests.Originals;

/// <summary>The command lines of the original programs, read from a list that was made from the programs themselves.</summary>
internal static partial class OriginalCommandLines
{
    private const string Log = "--help=FMT -q --quiet -v --verbose --verbosity=LEVEL";

    /// <summary>Each command of each program with its arguments and each option it takes, such as <c>--port=VAL</c> or <c>-q</c>.</summary>
    public static IEnumerable<(string Program, string Command, string Arguments, string Option)> Options()
    {
        var program = "";
        foreach (var line in Vectors.ReadText("original-command-lines.md").Split('\n'))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                program = line[3..].Trim();
            else if (line.StartsWith("Commands, each L", StringComparison.Ordinal))
                foreach (var step in Steps().Matches(line).Select(match => match.Value))
                foreach (var option in Words(Log + " -d=DIR --datadir=DIR"))
                    yield return (program, step, "", option);
            else if (
                line.Contains('`', StringComparison.Ordinal) && line.TrimStart('-', ' ').StartsWith("`builder-", StringComparison.Ordinal)
            )
                foreach (var found in OfLine(program, line))
                    yield return found;
        }
    }

    private static IEnumerable<(string Program, string Command, string Arguments, string Option)> OfLine(string program, string line)
    {
        var quoted = Quoted().Matches(line).Select(match => match.Groups[1].Value).ToList();
        var flags = Flags().Match(line).Groups[1].Value;
        List<string> options =
        [
            .. Words(flags.Contains('L', StringComparison.Ordinal) ? Log : "--help=FMT"),
            .. flags.Contains('C', StringComparison.Ordinal) ? ["--color=WHEN"] : (string[])[],
        ];
        foreach (var text in quoted.Skip(1))
            options.AddRange(
                OptionName()
                    .Matches(text.Split('(')[0])
                    .Select(match =>
                        match.Value.Contains('=', StringComparison.Ordinal) || match.Value[1] == '-' ? match.Value
                        : IsValued(text) ? $"{match.Value}=VAL"
                        : match.Value
                    )
            );
        foreach (var usage in quoted[0][(program.Length + 1)..].Split('|').Select(usage => usage.Trim()))
        {
            var words = usage.Split(' ').Where(word => word[0] is not ('[' or '…')).ToList();
            var command = string.Join(' ', words.TakeWhile(word => char.IsAsciiLetterLower(word[0])));
            if (program == "builder-db" && command.StartsWith("except-", StringComparison.Ordinal))
                command = "vacuum " + command;
            var arguments = string.Join(' ', words.Where(word => char.IsAsciiLetterUpper(word[0]) && word is not "COMMAND"));
            foreach (var option in options.Where(option => option != "--help"))
                yield return (program, command, arguments, option);
        }
    }

    private static bool IsValued(string text) =>
        text.Contains('=', StringComparison.Ordinal) || text.Split(' ').Any(word => word.Length > 0 && char.IsAsciiLetterUpper(word[0]));

    private static string[] Words(string text) => text.Split(' ');

    [GeneratedRegex("(migrate|rollback|fixup)-[0-9-]+[a-d]?")]
    private static partial Regex Steps();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("` ?(LC|L|C)?[ :]")]
    private static partial Regex Flags();

    [GeneratedRegex("--?[a-z][a-z-]*(=[A-Z:_]+)?")]
    private static partial Regex OptionName();
}
