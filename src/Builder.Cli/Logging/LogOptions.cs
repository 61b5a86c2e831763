using System.CommandLine;
using Builder.Cli.Parsing;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Logging;

/// <summary>The options of every long-running role: <c>-v</c>, <c>--verbosity</c> as in the original, and <c>--log-format</c>.</summary>
internal sealed class LogOptions
{
    private readonly Option<bool[]> verbose = new("-v", "--verbose")
    {
        Description = "Say more; twice for everything.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> verbosity = new("--verbosity") { Description = "quiet, error, warning, info or debug." };

    private readonly Option<string> format = new("--log-format") { Description = "text or json.", DefaultValueFactory = _ => "text" };

    public LogOptions()
    {
        verbosity.OneOf("quiet", "error", "warning", "info", "debug");
        format.OneOf("text", "json");
    }

    public void AddTo(Command command)
    {
        command.Add(verbose);
        command.Add(verbosity);
        command.Add(format);
    }

    public StandardErrorLoggerFactory Create(ParseResult parsed)
    {
        var level = parsed.GetValue(verbosity) switch
        {
            "quiet" => LogLevel.None,
            "error" => LogLevel.Error,
            "warning" => LogLevel.Warning,
            "debug" => LogLevel.Debug,
            _ => parsed.GetResult(verbose)?.IdentifierTokenCount > 0 ? LogLevel.Debug : LogLevel.Information,
        };
        return new StandardErrorLoggerFactory(level, parsed.GetValue(format) == "json", TimeProvider.System);
    }
}
