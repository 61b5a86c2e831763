using Microsoft.Extensions.Logging;

namespace Builder.Cli.Logging;

/// <summary>Lets the web role, which makes its own factory, write to the log of this program.</summary>
internal sealed class LoggerFactoryProvider(ILoggerFactory shared) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => shared.CreateLogger(categoryName);

    public void Dispose()
    {
        // The shared factory is its maker's.
    }
}
