using System.CommandLine;
using System.Text;

namespace Builder.Cli.Manual;

/// <summary>The completion for zsh: tables in a script, as for bash, with a description of each command and option.</summary>
internal static class ZshCompletion
{
    private const string Functions = """
        _builder_offer() { # KIND
          case $1 in
            words) compadd -- $values ;;
            file) _files ;;
            directory) _files -/ ;;
            *) return 1 ;;
          esac
        }

        _builder() {
          local -a commands options values
          local place=builder current=${words[CURRENT]} word option='' argument kind is_argument=''
          integer i
          word=${words[1]:t}
          [[ $word != builder-* ]] || place="builder ${word#builder-}"
          for ((i = 2; i < CURRENT; i++)); do
            word=${words[i]}
            case $word in
              --)
                is_argument=1
                break
                ;;
              -*)
                if ((i + 1 < CURRENT)) && [[ ${words[i + 1]} != -* ]] && _builder_value "$place" "$word"; then
                  ((i++))
                fi
                ;;
              *)
                _builder_command "$place"
                [[ -z ${commands[(r)$word:*]} ]] || place="$place $word"
                ;;
            esac
          done
          if [[ $current == --*=* ]]; then
            option=${current%%=*}
          elif [[ ${words[CURRENT - 1]} == -* && $current != -* ]]; then
            option=${words[CURRENT - 1]}
          fi
          if [[ -z $is_argument && -n $option ]] && _builder_value "$place" "$option"; then
            [[ $current != --*=* ]] || compset -P '*='
            _builder_offer $kind
            return
          fi
          _builder_command "$place"
          if [[ -z $is_argument && $current == -* ]]; then
            _describe -o option options
          elif [[ -z $is_argument && ${#commands} -gt 0 ]]; then
            _describe command commands
          else
            _builder_offer $argument
          fi
        }

        if [[ $funcstack[1] == _builder ]]; then
          _builder "$@"
        else
          compdef _builder
        """;

    public static string Of(Command root)
    {
        var programs = string.Join(' ', CompletionTables.Programs);
        var script = new StringBuilder(
            $"#compdef {programs}\n# Completion for zsh, written by \"builder manual\" from the command tree.\n\n"
        );
        script.Append(
            "_builder_command() { # COMMAND: sets commands, options, and the kind of arguments\n  commands=() options=() argument=other\n  case $1 in\n"
        );
        foreach (var command in CompletionTables.Commands(root))
        {
            script.Append($"    '{command.Words}')\n");
            if (command.Below.Count > 0)
                script.Append(
                    $"      commands=({string.Join(' ', command.Below.Select(below => Quote($"{below.Command.Name}:{below.Summary}")))})\n"
                );
            script.Append(
                $"      options=({string.Join(' ', CompletionTables.Options(command).Select(option => Quote($"{option.Name}:{option.Summary}")))})\n"
            );
            script.Append($"      argument={CompletionTables.Word(command.ArgumentKind)}\n      ;;\n");
        }
        script.Append(
            "  esac\n}\n\n_builder_value() { # COMMAND OPTION: sets kind and values; fails where the option takes none\n  values=()\n  case \"$1 $2\" in\n"
        );
        foreach (var (kind, words, options) in CompletionTables.Values(root))
        {
            script.Append($"    {string.Join(" | ", options.Select(option => $"'{option}'"))})\n");
            script.Append($"      kind={CompletionTables.Word(kind)} values=({words})\n      ;;\n");
        }
        script.Append("    *) return 1 ;;\n  esac\n}\n\n").Append(Functions).Append($" {programs}\nfi\n");
        return script.ToString();
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
