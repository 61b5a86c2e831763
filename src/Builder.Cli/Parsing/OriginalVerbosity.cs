using Builder.Cli.Text;

namespace Builder.Cli.Parsing;

/// <summary>What the original programs' options say about the log: quiet goes before a level, a level before <c>-v</c>.</summary>
/// <param name="variable">Of the environment, with levels by source of the log where no option says more.</param>
internal sealed class OriginalVerbosity(string? variable)
{
    private static readonly string[] Levels = ["quiet", "app", "error", "warning", "info", "debug"];

    private bool isQuiet;
    private int verbose;
    private string? level;
    private string? logging;

    /// <summary>The same for our log; nothing where nothing was said, and ours then tells what it tells by itself.</summary>
    public IEnumerable<string> Words => Level() is { } found ? [$"--verbosity={found}"] : [];

    public void Take(OptionMeaning meaning, string name, string? value)
    {
        switch (meaning)
        {
            case OptionMeaning.Quiet:
                isQuiet = true;
                break;
            case OptionMeaning.Verbose:
                verbose++;
                break;
            case OptionMeaning.Verbosity:
                level = value;
                break;
            case OptionMeaning.LoggingLevels:
                logging = LevelOfAll(name, value!) ?? logging;
                break;
        }
    }

    private string? Level()
    {
        if (isQuiet)
            return "quiet";
        if ((level ?? logging) is { } said)
            return said;
        return verbose switch
        {
            0 => variable is not null && Environment.GetEnvironmentVariable(variable) is { Length: > 0 } levels
                ? LevelOfAll(variable, levels)
                : null,
            1 => "info",
            _ => "debug",
        };
    }

    /// <summary>Ours has one level for all of its log: of <c>*:warning,http:debug</c> the one for <c>*</c>.</summary>
    private static string? LevelOfAll(string name, string levels)
    {
        string? found = null;
        foreach (var part in levels.Split(','))
        {
            var (source, text) = part.LastIndexOf(':') is var colon and >= 0 ? (part[..colon], part[(colon + 1)..]) : ("*", part);
            if (!Levels.Contains(text))
                throw new UsageException(
                    $"{name}: \"{Printable.Of(text)}\" in \"{Printable.Of(levels)}\" is not one of {string.Join(", ", Levels)}"
                );
            if (source == "*")
                found = text == "app" ? "error" : text;
        }
        return found;
    }
}
