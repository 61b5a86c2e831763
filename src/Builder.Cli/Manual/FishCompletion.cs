using System.CommandLine;
using System.Text;

namespace Builder.Cli.Manual;

/// <summary>The completion for fish: tables in a script, as for bash, with a description of each command and option.</summary>
internal static class FishCompletion
{
    private const string Functions = """
        function __builder_offer --argument-names kind prefix current # then the words
            switch $kind
                case words
                    printf '%s\n' $prefix$argv[4..-1]
                case file
                    __fish_complete_path $current
                case directory
                    __fish_complete_directories $current
            end
        end

        function __builder_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l place builder
            set -l program (string replace -r '.*/' '' -- $words[1])
            if string match -q 'builder-*' -- $program
                set place "builder "(string replace builder- '' -- $program)
            end
            set -e words[1]
            set -l pending ''
            set -l is_argument ''
            for word in $words
                if test -n "$pending"; and not string match -q -- '-*' $word
                    set pending ''
                    continue
                end
                set pending ''
                switch $word
                    case --
                        set is_argument 1
                        break
                    case '-*'
                        if __builder_value "$place $word" >/dev/null
                            set pending $word
                        end
                    case '*'
                        if contains -- $word (__builder_commands $place | string replace -r '\t.*' '')
                            set place "$place $word"
                        end
                end
            end
            if test -z "$is_argument"
                if test -n "$pending"; and not string match -q -- '-*' $current
                    set -l value (__builder_value "$place $pending")
                    __builder_offer $value[1] '' "$current" $value[2..-1]
                    return
                end
                if string match -q -- '--*=*' $current
                    set -l parts (string split -m 1 = -- $current)
                    set -l value (__builder_value "$place $parts[1]")
                    and __builder_offer $value[1] "$parts[1]=" "$current" $value[2..-1]
                    return
                end
                if string match -q -- '-*' $current
                    __builder_options $place
                    return
                end
                set -l commands (__builder_commands $place)
                if test (count $commands) -gt 0
                    printf '%s\n' $commands
                    return
                end
            end
            __builder_offer (__builder_argument $place) '' "$current"
        end
        """;

    public static string Of(Command root)
    {
        var commands = CompletionTables.Commands(root);
        var script = new StringBuilder("# Completion for fish, written by \"builder manual\" from the command tree.\n\n");
        AddTable(
            script,
            "__builder_commands",
            commands
                .Where(command => command.Below.Count > 0)
                .Select(command => (Quote(command.Words), command.Below.Select(below => $"{below.Command.Name}\t{below.Summary}")))
        );
        AddTable(
            script,
            "__builder_options",
            commands.Select(command =>
                (Quote(command.Words), CompletionTables.Options(command).Select(option => $"{option.Name}\t{option.Summary}"))
            )
        );
        AddTable(
            script,
            "__builder_argument",
            commands
                .GroupBy(command => command.ArgumentKind)
                .Select(group =>
                    (
                        string.Join(' ', group.Select(command => Quote(command.Words))),
                        Enumerable.Repeat(CompletionTables.Word(group.Key), 1)
                    )
                )
        );
        AddTable(
            script,
            "__builder_value",
            CompletionTables
                .Values(root)
                .Select(value =>
                    (
                        string.Join(' ', value.Options.Select(Quote)),
                        value.Words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Prepend(CompletionTables.Word(value.Kind))
                    )
                )
        );
        script.Append(Functions).Append('\n');
        foreach (var program in CompletionTables.Programs)
            script.Append($"\ncomplete -c {program} -f -a '(__builder_complete)'");
        return script.Append('\n').ToString();
    }

    /// <summary>A function that prints the lines of its argument, and fails where there are none.</summary>
    private static void AddTable(StringBuilder script, string name, IEnumerable<(string Case, IEnumerable<string> Lines)> rows)
    {
        script.Append($"function {name}\n    switch \"$argv[1]\"\n");
        foreach (var (cases, lines) in rows)
            script.Append($"        case {cases}\n            printf '%s\\n' {string.Join(' ', lines.Select(Quote))}\n");
        script.Append("        case '*'\n            return 1\n    end\nend\n\n");
    }

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
