using System.CommandLine;
using System.CommandLine.Parsing;

namespace Builder.Cli.Parsing;

/// <summary>A validator that asks for a value which cannot be read makes an error of the command line out of it, not an exception.</summary>
internal static class GuardedValidator
{
    public static void AddTo(Command command)
    {
        Guard(command.Validators);
        foreach (var option in command.Options)
            Guard(option.Validators);
        foreach (var argument in command.Arguments)
            Guard(argument.Validators);
        foreach (var below in command.Subcommands)
            AddTo(below);
    }

    private static void Guard<T>(List<Action<T>> validators)
        where T : SymbolResult
    {
        for (var index = 0; index < validators.Count; index++)
        {
            if (validators[index].Target is not Guarded<T>)
                validators[index] = new Guarded<T>(validators[index]).Run;
        }
    }

    private sealed class Guarded<T>(Action<T> validator)
        where T : SymbolResult
    {
        public void Run(T result)
        {
            try
            {
                validator(result);
            }
            catch (InvalidOperationException exception)
            {
                result.AddError(exception.Message);
            }
        }
    }
}
