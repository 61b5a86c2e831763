using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Builder.Cli.Parsing;

/// <summary>Help lists commands with the first paragraph of their descriptions. Examples and details are in the help of the command itself.</summary>
internal sealed class ShortCommandList(SynchronousCommandLineAction help) : SynchronousCommandLineAction
{
    public static void AddTo(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            if (option.Action is SynchronousCommandLineAction action)
                option.Action = new ShortCommandList(action);
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        var commands = parseResult
            .CommandResult.Command.Subcommands.Select(static command => (Command: command, command.Description))
            .ToArray();
        try
        {
            foreach (var (command, description) in commands)
                command.Description = FirstParagraph(description);
            return help.Invoke(parseResult);
        }
        finally
        {
            foreach (var (command, description) in commands)
                command.Description = description;
        }
    }

    private static string? FirstParagraph(string? description)
    {
        var end = description?.IndexOf("\n\n", StringComparison.Ordinal) ?? -1;
        return end < 0 ? description : description![..end];
    }
}
