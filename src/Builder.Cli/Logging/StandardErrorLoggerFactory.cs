using Microsoft.Extensions.Logging;

namespace Builder.Cli.Logging;

/// <summary>Loggers that write a line per event to standard error: plain text with a time, as the journal of systemd wants it, or JSON.</summary>
internal sealed class StandardErrorLoggerFactory(LogLevel level, bool asJson, TimeProvider clock) : ILoggerFactory
{
    /// <summary>Set by systemd for a service whose output goes to its journal, which keeps the time and reads the level from the line.</summary>
    private readonly bool isJournal = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };

    private readonly Stream output = Console.OpenStandardError();
    private readonly Lock gate = new();

    public ILogger CreateLogger(string categoryName) => new StandardErrorLogger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("there is one output only");

    public bool IsEnabled(LogLevel asked) => asked >= level && asked != LogLevel.None;

    public void Write(
        LogLevel asked,
        string category,
        EventId id,
        string message,
        IReadOnlyList<KeyValuePair<string, object?>>? values,
        Exception? error
    )
    {
        var line = asJson
            ? LogLine.Json(clock.GetUtcNow(), asked, category, id, message, values, error)
            : LogLine.Text(clock.GetUtcNow(), asked, category, message, error, isJournal);
        lock (gate)
        {
            try
            {
                output.Write(line);
            }
            catch (IOException)
            {
                // Nobody reads our log any more; the work goes on.
            }
        }
    }

    public void Dispose() => output.Dispose();
}
