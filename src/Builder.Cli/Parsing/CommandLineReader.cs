using System.CommandLine;
using Builder.Cli.Originals;
using Builder.Cli.Text;

namespace Builder.Cli.Parsing;

/// <summary>
/// Reads the words of a command line against the command tree, and says at the first one what is wrong with it. A word that begins with
/// <c>-</c> is an option, and never an argument unless <c>--</c> stands before it; <c>@</c> and all other characters are ordinary.
/// Under the name of an original program it takes the beginnings of options, commands and fixed words as that program does.
/// </summary>
internal sealed class CommandLineReader
{
    private readonly OriginalProgram? original;
    private readonly List<Command> path = [];
    private readonly List<string> names = [];
    private readonly List<string> words = [];
    private readonly List<string> arguments = [];
    private readonly Dictionary<object, string> given = [];
    private readonly OriginalVerbosity verbosity;
    private KnownOptions options;
    private string? help;
    private bool isVersion;

    private CommandLineReader(RootCommand root, OriginalProgram? original)
    {
        this.original = original;
        path.Add(root);
        if (original is not null)
        {
            path.Add(root.Subcommands.Single(command => command.Name == original.Role));
            words.Add(original.Role);
        }
        options = new KnownOptions(path, original, "");
        verbosity = new OriginalVerbosity(original?.Role == "web" ? "LOGGING_LEVELS" : null);
    }

    public static CommandLineReading Read(RootCommand root, OriginalProgram? original, IReadOnlyList<string> line)
    {
        var reader = new CommandLineReader(root, original);
        string? error = null;
        try
        {
            reader.ReadWords(line);
            reader.Finish();
        }
        catch (UsageException exception)
        {
            error = exception.Message;
            // Help goes before every error.
            if (line.TakeWhile(word => word != "--").FirstOrDefault(reader.IsHelp) is { } word)
                reader.help ??= word.Contains('=', StringComparison.Ordinal)
                    ? word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..]
                    : "";
        }
        return new CommandLineReading
        {
            Path = reader.path,
            Words = reader.words,
            Error = error,
            Help = reader.help,
            IsVersion = reader.isVersion,
        };
    }

    private Command Command => path[^1];

    private string ProgramName =>
        original is null
            ? string.Join(' ', path.Skip(1).Select(command => command.Name).Prepend("builder"))
            : string.Join(' ', names.Prepend(original.Name));

    private bool IsHelp(string word) =>
        word == "--help" || word.StartsWith("--help=", StringComparison.Ordinal) || (word is "-h" or "-?" && original?.Role != "web");

    private void ReadWords(IReadOnlyList<string> line)
    {
        var queue = new Queue<string>(line);
        while (queue.TryDequeue(out var word))
        {
            if (word == "--")
            {
                arguments.AddRange(queue);
                return;
            }
            if (IsOption(word))
                ReadOption(word, queue);
            else if (arguments.Count > 0 || !TryDescend(word, queue))
                arguments.Add(word);
        }
    }

    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

    /// <summary>A negative number is a value: no option begins with a digit.</summary>
    private static bool IsValue(string word) => !IsOption(word) || char.IsAsciiDigit(word[1]);

    private void ReadOption(string word, Queue<string> rest)
    {
        string name;
        string? value;
        if (word[1] == '-')
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            (name, value) = equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);
        }
        else
        {
            (name, value) = (word[..2], word.Length == 2 ? null : word[2..]);
        }
        var shape = options.Find(name);
        if (shape.Value == OptionValue.None)
        {
            ReadFlag(shape, name, value, rest);
            return;
        }
        if (value is not null && word[1] != '-' && value[0] == '=')
            value = value[1..];
        if (value is null && rest.TryPeek(out var next) && IsValue(next) && TakesNext(shape, next))
            value = rest.Dequeue();
        if (value is null && shape.Value == OptionValue.Required)
            throw new UsageException(
                $"{Label(shape, name)} needs a value{(rest.TryPeek(out var dash) && dash != "--" ? $": \"{Printable.Of(dash)}\" is taken as an option, write {name}={Printable.Of(dash)} if it is the value" : "")}"
            );
        if (value is { Length: 0 })
            throw new UsageException($"{Label(shape, name)} is empty: it needs a value");
        if (value is not null && shape.Option is { } option && IsNumberOfEnum(option.ValueType, value))
            throw new UsageException($"{name}: \"{Printable.Of(value)}\" is a number where a word is needed");
        Take(shape, name, value is null ? null : Whole(shape, name, value));
    }

    /// <summary>The framework would take the number of a word, and numbers of none.</summary>
    private static bool IsNumberOfEnum(Type type, string value) =>
        (Nullable.GetUnderlyingType(type) ?? type).IsEnum
        && (
            value.Contains(',', StringComparison.Ordinal)
            || char.IsAsciiDigit(value[0])
            || value[0] is '-' or '+'
            || char.IsWhiteSpace(value[0])
        );

    /// <summary>A value that may be absent: what follows help is a command rather than a format, but for the formats' names.</summary>
    private static bool TakesNext(OptionShape shape, string next) =>
        shape.Meaning != OptionMeaning.Help || (shape.IsOriginal && shape.Values.Contains(next));

    private void ReadFlag(OptionShape shape, string name, string? value, Queue<string> rest)
    {
        if (value is not null && name[1] != '-')
        {
            // Flags of one letter may stand together: -qv.
            Take(shape, name, null);
            var others = rest.ToArray();
            rest.Clear();
            foreach (var word in others.Prepend("-" + value))
                rest.Enqueue(word);
            return;
        }
        if (value is not null && (original is not null || value is not ("true" or "false")))
            throw new UsageException($"{name} takes no value, not \"{Printable.Of(value)}\"");
        Take(shape, name, value);
    }

    private static string Label(OptionShape shape, string name) => name[1] == '-' || shape.Name[1] != '-' ? name : $"{name}/{shape.Name}";

    private static string Whole(OptionShape shape, string name, string value)
    {
        if (shape.Values.Count == 0 || shape.Values.Contains(value))
            return value;
        var fitting = shape.Values.Where(word => word.StartsWith(value, StringComparison.Ordinal)).ToList();
        return fitting.Count == 1
            ? fitting[0]
            : throw new UsageException($"{name}: \"{Printable.Of(value)}\" is not one of {string.Join(", ", shape.Values)}");
    }

    private void Take(OptionShape shape, string name, string? value)
    {
        if (!given.TryAdd(shape.Option ?? (object)shape.Meaning, name) && !shape.IsRepeatable)
            throw new UsageException(
                $"{Label(shape, name)} is given twice{(value is null ? "" : $", the second time with \"{Printable.Of(value)}\"")}; give it once"
            );
        switch (shape.Meaning)
        {
            case OptionMeaning.Help:
                help = value ?? "";
                break;
            case OptionMeaning.Version:
                isVersion = true;
                break;
            case OptionMeaning.Color:
                break;
            case OptionMeaning.Own when shape.Value == OptionValue.None:
                words.Add($"{shape.Option!.Name}={value ?? "true"}");
                break;
            case OptionMeaning.Own:
                words.Add(value is null ? shape.Option!.Name : $"{shape.Option!.Name}={value}");
                break;
            default:
                verbosity.Take(shape.Meaning, name, value);
                break;
        }
    }

    /// <summary>Goes on with the command of that name, if the word is one.</summary>
    private bool TryDescend(string word, Queue<string> rest)
    {
        if (original is not null || path.Count == 1)
        {
            var isHelp = names.Count == 0 && word == OriginalPrograms.Help && Command.Subcommands.Count > 0;
            if (isHelp || (original is not null && names.Count == 0 && ResolveBeginning(word) == OriginalPrograms.Help))
            {
                ReadHelp(rest);
                return true;
            }
        }
        if (Command.Subcommands.Count == 0)
            return false;
        var name = original is null ? word : ResolveBeginning(word) ?? word;
        if (Command.Subcommands.FirstOrDefault(command => command.Name == name || command.Aliases.Contains(name)) is not { } found)
        {
            return Command.Arguments.Count > 0
                ? false
                : throw new UsageException($"unknown command \"{Printable.Of(word)}\"; {ProgramName} has {CommandNames()}");
        }
        path.Add(found);
        names.Add(found.Name);
        words.Add(found.Name);
        options = new KnownOptions(path, original, string.Join(' ', names));
        return true;
    }

    /// <summary><c>help user-add</c>, <c>help client schedule</c>, with the options that help itself takes.</summary>
    private void ReadHelp(Queue<string> rest)
    {
        help = "";
        while (rest.TryDequeue(out var word))
        {
            if (word.StartsWith("--man-format=", StringComparison.Ordinal))
                help = word["--man-format=".Length..];
            else if (word == "--man-format" && rest.TryDequeue(out var format))
                help = format;
            else if (IsOption(word))
                ReadOption(word, rest);
            else if (!TryDescend(word, rest))
                throw new UsageException($"help: \"{Printable.Of(word)}\" is no command of {ProgramName}");
        }
    }

    private string? ResolveBeginning(string word)
    {
        if (Command.Subcommands.Any(command => command.Name == word))
            return word;
        var group = string.Join(' ', names);
        var theirs = original!.CommandsBelow(group).ToList();
        if (theirs.Contains(word))
            return word;
        return Only(theirs, word) ?? Only([.. Command.Subcommands.Where(command => !command.Hidden).Select(command => command.Name)], word);
    }

    private static string? Only(List<string> among, string beginning)
    {
        if (beginning.Length == 0)
            return null;
        var fitting = among.FindAll(name => name.StartsWith(beginning, StringComparison.Ordinal));
        return fitting.Count < 2
            ? fitting.FirstOrDefault()
            : throw new UsageException(
                $"\"{Printable.Of(beginning)}\" is the beginning of several commands: {string.Join(", ", fitting.Order(StringComparer.Ordinal))}"
            );
    }

    private string CommandNames() =>
        string.Join(
            ", ",
            Command.Subcommands.Where(command => !command.Hidden).Select(command => command.Name).Order(StringComparer.Ordinal)
        );

    /// <summary>What only the whole line tells: commands and arguments that are missing or too many.</summary>
    private void Finish()
    {
        if (help is not null || isVersion)
            return;
        if (Command.Action is null && arguments.Count == 0)
        {
            // As the original programs do, and to someone who tries this one for the first time.
            if (path.Count == 1 || (original is not null && names.Count == 0))
                help = "";
            else
                throw new UsageException($"{ProgramName} needs a command: {CommandNames()}");
            return;
        }
        if (
            path.SelectMany(command => command.Options).FirstOrDefault(option => option.Required && !given.ContainsKey(option)) is
            { } required
        )
            throw new UsageException($"{required.Name} is missing: {ProgramName} needs {required.Name} {required.HelpName ?? "VALUE"}");
        var least = Command.Arguments.Sum(argument => argument.Arity.MinimumNumberOfValues);
        if (arguments.Count < least)
            throw new UsageException(
                $"{Command.Arguments.SkipWhile(argument => IsFilled(argument)).First().Name} is missing: {ProgramName} {string.Join(' ', Command.Arguments.Select(argument => argument.Name))}"
            );
        var most = Command.Arguments.Sum(argument => (long)argument.Arity.MaximumNumberOfValues);
        if (arguments.Count > most)
            throw new UsageException(
                $"\"{Printable.Of(arguments[(int)most])}\" is one argument too many: {ProgramName} takes {(most == 0 ? "none" : string.Join(' ', Command.Arguments.Select(argument => argument.Name)))}"
            );
        if (arguments.FindIndex(argument => argument.Length == 0) is var empty and >= 0)
            throw new UsageException($"{Command.Arguments[Math.Min(empty, Command.Arguments.Count - 1)].Name} is empty");
        if (original is not null && path.SelectMany(command => command.Options).Any(option => option.Name == "--verbosity"))
            words.AddRange(verbosity.Words);
        if (arguments.Count > 0)
            words.AddRange(arguments.Prepend("--"));
    }

    private bool IsFilled(Argument argument) =>
        Command.Arguments.TakeWhile(other => other != argument).Sum(other => other.Arity.MinimumNumberOfValues) < arguments.Count;
}
