using Microsoft.Extensions.Logging;

namespace Builder.Cli.Up;

/// <summary>What a migration says, as lines of the log.</summary>
internal sealed class LoggedProgress(ILogger logger) : IProgress<string>
{
    public void Report(string value) => logger.Migrating(value);
}
