using System.CommandLine;
using System.Text;

namespace Builder.Cli.Manual;

/// <summary>The completion for bash: tables in a script, so that nothing is started for an answer.</summary>
internal static class BashCompletion
{
    private const string Functions = """
        _builder_offer() { # KIND WORDS
          case $1 in
            words) mapfile -t COMPREPLY < <(compgen -W "$2" -- "$current") ;;
            file)
              compopt -o filenames 2>/dev/null
              mapfile -t COMPREPLY < <(compgen -f -- "$current")
              ;;
            directory)
              compopt -o filenames 2>/dev/null
              mapfile -t COMPREPLY < <(compgen -d -- "$current")
              ;;
          esac
        }

        _builder() {
          local commands options argument kind values option word next i
          local place=builder current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} is_argument=
          COMPREPLY=()
          word=${COMP_WORDS[0]##*/}
          [[ $word != builder-* ]] || place="builder ${word#builder-}"
          for ((i = 1; i < COMP_CWORD; i++)); do
            word=${COMP_WORDS[i]}
            case $word in
              --)
                is_argument=1
                break
                ;;
              # bash parts --option=value into three words.
              =) ((i++)) ;;
              -*)
                next=${COMP_WORDS[i + 1]}
                if ((i + 1 < COMP_CWORD)) && [[ $next != -* && $next != = ]] && _builder_value "$place" "$word"; then
                  ((i++))
                fi
                ;;
              *)
                _builder_command "$place"
                [[ " $commands " != *" $word "* ]] || place="$place $word"
                ;;
            esac
          done
          option=
          if [[ $current == = ]]; then
            option=$previous current=
          elif [[ $previous == = ]]; then
            option=${COMP_WORDS[COMP_CWORD - 2]}
          elif [[ $previous == -* && $current != -* ]]; then
            option=$previous
          fi
          if [[ -z $is_argument && -n $option ]] && _builder_value "$place" "$option"; then
            _builder_offer "$kind" "$values"
            return
          fi
          _builder_command "$place"
          if [[ -z $is_argument && $current == -* ]]; then
            _builder_offer words "$options"
          elif [[ -z $is_argument && -n $commands ]]; then
            _builder_offer words "$commands"
          else
            _builder_offer "$argument" ''
          fi
        }
        """;

    public static string Of(Command root)
    {
        var script = new StringBuilder("# Completion for bash, written by \"builder manual\" from the command tree.\n\n");
        script.Append(
            "_builder_command() { # COMMAND: sets commands, options, and the kind of arguments\n  commands='' options='' argument=other\n  case $1 in\n"
        );
        foreach (var command in CompletionTables.Commands(root))
        {
            script.Append($"    '{command.Words}')\n");
            if (command.Below.Count > 0)
                script.Append($"      commands='{string.Join(' ', command.Below.Select(below => below.Command.Name))}'\n");
            script.Append($"      options='{string.Join(' ', CompletionTables.Options(command).Select(option => option.Name))}'\n");
            script.Append($"      argument={CompletionTables.Word(command.ArgumentKind)}\n      ;;\n");
        }
        script.Append(
            "  esac\n}\n\n_builder_value() { # COMMAND OPTION: sets kind and values; fails where the option takes none\n  values=''\n  case \"$1 $2\" in\n"
        );
        foreach (var (kind, words, options) in CompletionTables.Values(root))
        {
            script.Append($"    {string.Join(" | ", options.Select(option => $"'{option}'"))})\n");
            script.Append($"      kind={CompletionTables.Word(kind)} values='{words}'\n      ;;\n");
        }
        script.Append("    *) return 1 ;;\n  esac\n}\n\n").Append(Functions);
        script.Append($"\n\ncomplete -F _builder {string.Join(' ', CompletionTables.Programs)}\n");
        return script.ToString();
    }
}
