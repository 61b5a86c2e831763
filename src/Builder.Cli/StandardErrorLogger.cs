using Microsoft.Extensions.Logging;

namespace Builder.Cli;

/// <summary>Log lines of a program that runs in the foreground or under a service manager, which adds the time.</summary>
internal sealed class StandardErrorLogger(string program, LogLevel lowest) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest && logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Console.Error.WriteLine($"{program}: {Word(logLevel)}{formatter(state, exception)}");
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Warning => "warning: ",
        LogLevel.Error or LogLevel.Critical => "error: ",
        _ => "",
    };
}
