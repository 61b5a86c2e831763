using Microsoft.Extensions.Logging;

namespace Builder.Cli.Logging;

/// <summary>Lets the web role, which makes its own factory, write to the log of this program.</summary>
internal sealed class LoggerFactoryProvider(ILoggerFactory shared) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => shared.CreateLogger(Role(categoryName));

    public void Dispose()
    {
        // The shared factory is its maker's.
    }

    /// <summary>Of a class its part of the program, as the other roles name themselves: Builder.Web.Uploads.UploadReport is web.</summary>
    private static string Role(string category) => category.Split('.') is ["Builder", var part, ..] ? part.ToLowerInvariant() : category;
}
