using System.CommandLine;
using System.Text.RegularExpressions;
using Builder.Cli.Errors;
using Builder.Cli.Originals;
using Builder.Cli.Parsing;

namespace Builder.Cli.Manual;

/// <summary>The manual pages of section 1: one for each visible command, from the same tree as <c>--help</c>.</summary>
/// <param name="date">As <c>2026-11-26</c>; may be empty.</param>
/// <param name="version">Of the program.</param>
internal sealed partial class ManualPages(string date, string version)
{
    /// <returns>File names and texts.</returns>
    public IEnumerable<(string File, string Text)> Of(Command root) =>
        new DescribedCommand([root]).All.Select(command => ($"{command.PageName}.1", Page(command)));

    private string Page(DescribedCommand command)
    {
        var page = new Roff(command.PageName, date, $"builder {version}");
        page.Section("NAME");
        page.Name(command.PageName, LowerFirst(command.Summary));
        page.Section("SYNOPSIS");
        AddSynopsis(page, command);
        page.Section("DESCRIPTION");
        page.Text(command.Command.Description ?? "");
        AddCommands(page, command);
        AddOptions(page, command);
        if (OriginalPrograms.Find(command.PageName) is { } original)
            OriginalSection.AddTo(page, original);
        AddExitStatus(page, command);
        AddEnvironment(page, command);
        AddExamples(page, command);
        page.Section("SEE ALSO");
        var others = command.Below.Prepend(command.Parent).OfType<DescribedCommand>().Select(other => $"{other.PageName}(1)");
        page.Text($"{string.Join(", ", others)}{(command.Parent is null ? "; /usr/share/doc/builder" : "")}");
        return page.ToString();
    }

    private static void AddSynopsis(Roff page, DescribedCommand command)
    {
        if (command.Below.Count > 0)
            page.Synopsis(command.Words, "COMMAND [OPTION]...");
        if (command.Command.Action is not null || command.Below.Count == 0)
            page.Synopsis(command.Words, string.Join(' ', command.Command.Arguments.Select(Text).Prepend("[OPTION]...")));
    }

    private static string Text(Argument argument)
    {
        var name = (argument.HelpName ?? argument.Name).ToUpperInvariant() + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static void AddCommands(Roff page, DescribedCommand command)
    {
        if (command.Below.Count == 0)
            return;
        page.Section("COMMANDS");
        foreach (var below in command.Below)
            page.Item(below.Command.Name, "", $"{below.Summary}. See {below.PageName}(1).");
    }

    private static void AddOptions(Roff page, DescribedCommand command)
    {
        if (command.Command.Arguments.Count > 0)
        {
            page.Section("ARGUMENTS");
            foreach (var argument in command.Command.Arguments)
                page.Item("", (argument.HelpName ?? argument.Name).ToUpperInvariant(), argument.Description ?? "");
        }
        page.Section("OPTIONS");
        foreach (var option in command.Options)
        {
            var value = option.Value switch
            {
                OptionValue.None => "",
                OptionValue.Optional => $"[={option.ValueName}]",
                _ => $" {option.ValueName}",
            };
            page.Item(
                string.Join(", ", option.Names),
                value,
                option.Description + (option.Default is { } usual ? $" Default: {usual}." : "")
            );
        }
    }

    private static void AddExitStatus(Roff page, DescribedCommand command)
    {
        page.Section("EXIT STATUS");
        page.Item($"{ExitCode.Success}", "", "Success.");
        page.Item($"{ExitCode.Failed}", "", "The command failed; standard error says why.");
        page.Item($"{ExitCode.Usage}", "", "The command line is wrong.");
        if (command.Words.StartsWith("builder client", StringComparison.Ordinal) || command.Parent is null)
            page.Item($"{ExitCode.Unreachable}", "", "No server answers at that address.");
        page.Item($"{ExitCode.Fault}", "", "A fault in the program; please report what standard error says.");
        page.Item($"{ExitCode.Interrupted}", "", "Ended by Ctrl-C.");
    }

    private static void AddEnvironment(Roff page, DescribedCommand command)
    {
        var variables = command
            .Options.SelectMany(option =>
                Variable().Matches(option.Description).Select(match => (match.Groups[1].Value, Option: option.Names[^1]))
            )
            .GroupBy(found => found.Value, found => found.Option)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToList();
        if (variables.Count == 0)
            return;
        page.Section("ENVIRONMENT");
        foreach (var variable in variables)
            page.Item(variable.Key, "", $"See {string.Join(", ", variable.Distinct())}.");
    }

    private static void AddExamples(Roff page, DescribedCommand command)
    {
        var examples = ManualExamples.Of(command.Words);
        if (examples.Count == 0)
            return;
        page.Section("EXAMPLES");
        foreach (var (purpose, line) in examples)
        {
            page.Text(purpose);
            page.Example(line);
        }
    }

    /// <summary>A summary goes on after a dash; names such as ELF keep their letters.</summary>
    private static string LowerFirst(string text) =>
        text.Length > 1 && char.IsUpper(text[0]) && !char.IsUpper(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;

    [GeneratedRegex(@"\$([A-Z][A-Z0-9_]+)")]
    private static partial Regex Variable();
}
