using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Builder.Cli.Originals;

/// <summary>Help as of a program of its own, where the role comes from the name: <c>builder-db user-add NAME</c> and not <c>builder-db db user-add NAME</c>.</summary>
internal sealed class CalledNameHelp(SynchronousCommandLineAction help, OriginalProgram original) : SynchronousCommandLineAction
{
    /// <summary>Where the program was called as an original one, its help says so from here on.</summary>
    public static void AddTo(RootCommand root, OriginalProgram? original)
    {
        if (original is null)
            return;
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            if (option.Action is SynchronousCommandLineAction action)
                option.Action = new CalledNameHelp(action, original);
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter();
        parseResult.InvocationConfiguration.Output = text;
        try
        {
            return help.Invoke(parseResult);
        }
        finally
        {
            parseResult.InvocationConfiguration.Output = output;
            // Only the usage says how the program is called, and indents it.
            output.Write(
                text.ToString().Replace($"  {RootCommand.ExecutableName} {original.Role}", $"  {original.Name}", StringComparison.Ordinal)
            );
        }
    }
}
