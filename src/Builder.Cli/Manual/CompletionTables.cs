using System.CommandLine;
using Builder.Cli.Originals;
using Builder.Cli.Parsing;

namespace Builder.Cli.Manual;

/// <summary>What the scripts of all shells ask: the programs, and which options take which values.</summary>
internal static class CompletionTables
{
    /// <summary>The names that the program is called by.</summary>
    public static IEnumerable<string> Programs => OriginalPrograms.Called.Select(program => program.Name).Prepend(DescribedCommand.Program);

    public static IReadOnlyList<DescribedCommand> Commands(Command root) => [.. new DescribedCommand([root]).All];

    /// <summary>Names that are offered; <c>-?</c> is none that anybody wants to be offered.</summary>
    public static IEnumerable<(string Name, string Summary)> Options(DescribedCommand command) =>
        command.Options.SelectMany(option =>
            option.Names.Where(name => name != "-?").Select(name => (name, DescribedCommand.FirstSentence(option.Description)))
        );

    /// <summary>Options with a value, those alike together: as <c>builder client --remote</c>.</summary>
    public static IEnumerable<(ValueKind Kind, string Words, IReadOnlyList<string> Options)> Values(Command root) =>
        Commands(root)
            .SelectMany(command =>
                command
                    .Options.Where(option => option.Value != OptionValue.None)
                    .SelectMany(option =>
                        option.Names.Select(name => (option.Kind, Words: string.Join(' ', option.Words), Option: $"{command.Words} {name}"))
                    )
            )
            .GroupBy(value => (value.Kind, value.Words), value => value.Option)
            .Select(group => (group.Key.Kind, group.Key.Words, (IReadOnlyList<string>)[.. group]));

    public static string Word(ValueKind kind) => kind.ToString().ToLowerInvariant();
}
