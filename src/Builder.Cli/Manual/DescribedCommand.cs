using System.CommandLine;

namespace Builder.Cli.Manual;

/// <summary>A command of the tree as manual pages and completions describe it. Hidden ones are left out.</summary>
/// <param name="path">From the root to the command.</param>
internal sealed class DescribedCommand(IReadOnlyList<Command> path)
{
    /// <summary>How it is called: <c>builder client schedule</c>.</summary>
    public string Words { get; } = string.Join(' ', path.Skip(1).Select(command => command.Name).Prepend(Program));

    public const string Program = "builder";

    public Command Command => path[^1];

    /// <summary>Of its manual page: <c>builder-client-schedule</c>.</summary>
    public string PageName => Words.Replace(' ', '-');

    public DescribedCommand? Parent => path.Count > 1 ? new DescribedCommand([.. path.SkipLast(1)]) : null;

    public IReadOnlyList<DescribedCommand> Below =>
        [
            .. Command
                .Subcommands.Where(command => !command.Hidden)
                .OrderBy(command => command.Name, StringComparer.Ordinal)
                .Select(command => new DescribedCommand([.. path, command])),
        ];

    /// <summary>Its own options, then those of the commands above that hold here too.</summary>
    public IReadOnlyList<DescribedOption> Options =>
        [
            .. path.Reverse()
                .SelectMany(command => command.Options.Where(option => !option.Hidden && (option.Recursive || command == Command)))
                .DistinctBy(option => option.Name)
                .Select(option => new DescribedOption(option)),
        ];

    /// <summary>The command and all below it, each before those below it.</summary>
    public IEnumerable<DescribedCommand> All => Below.SelectMany(command => command.All).Prepend(this);

    /// <summary>What a shell can offer for its arguments.</summary>
    public ValueKind ArgumentKind =>
        Command
            .Arguments.Select(argument => ValueKinds.Of(argument.ValueType, argument.HelpName ?? argument.Name, []))
            .FirstOrDefault(kind => kind != ValueKind.Other);

    /// <summary>The first sentence of its description, without the full stop.</summary>
    public string Summary => FirstSentence(Command.Description ?? "");

    /// <summary>The first sentence of a text, or its first line, without the full stop.</summary>
    public static string FirstSentence(string text)
    {
        var line = text.Split('\n')[0].Trim();
        var end = line.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? line : line[..end]).TrimEnd('.');
    }
}
