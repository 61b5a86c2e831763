using Builder.Cli.Originals;

namespace Builder.Cli.Manual;

/// <summary>What holds where a command is called by the name of a program of the original.</summary>
internal static class OriginalSection
{
    public static void AddTo(Roff page, OriginalProgram original)
    {
        page.Section($"CALLED AS {original.Name}");
        page.Text(
            $"""
            {original.Name} is a link to builder. It stands for "builder {original.Role}" and takes the command lines of robur's program of that name,
            beside the options above. Options, commands and fixed words may be shortened as long as only one fits.
            /usr/share/doc/builder/docs/drop-in.md lists the differences.

            Its exit status is 0 for success, {OriginalExitCode.Failed} for a failed command, {OriginalExitCode.Usage} for a wrong command line
            and {OriginalExitCode.Internal} for a fault in the program.

            It takes these options of that program:
            """
        );
        // Steps between schema versions are many, and all alike.
        foreach (var (command, options) in original.Commands.Where(command => !command.Key.Contains("-20", StringComparison.Ordinal)))
        {
            var all = command.Length == 0 ? options.Concat(original.Options) : options;
            var text = string.Join(", ", all.Select(Text));
            if (command.Length > 0 || text.Length > 0)
                page.Item($"{original.Name} {command}".TrimEnd(), "", text);
        }
        foreach (var kind in (string[])["migrate", "rollback", "fixup"])
        {
            if (
                original
                    .Commands.Where(command => command.Key.StartsWith($"{kind}-20", StringComparison.Ordinal))
                    .Select(command => command.Value)
                    .FirstOrDefault() is
                { } options
            )
                page.Item($"{original.Name} {kind}-DATE", "", string.Join(", ", options.Select(Text)));
        }
    }

    private static string Text(OriginalOption option) =>
        string.Join('/', option.Names) + (option.Values.Count == 0 ? "" : $"={string.Join('|', option.Values)}");
}
