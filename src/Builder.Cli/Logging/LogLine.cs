using System.Globalization;
using System.Text;
using System.Text.Json;
using Builder.Protocol.Text;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Logging;

/// <summary>An event of the log as one line. Control characters never reach a terminal: names in messages come from strangers.</summary>
internal static class LogLine
{
    private const string MessageTemplate = "{OriginalFormat}";

    public static byte[] Text(DateTimeOffset time, LogLevel level, string category, string message, Exception? error, bool isJournal)
    {
        var head = isJournal
            ? $"<{Priority(level)}>{category}: "
            : $"{time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} {Name(level)} {category}: ";
        var text = error is null ? message : $"{message}: {error}";
        return Encoding.UTF8.GetBytes($"{head}{VisibleText.Line(text.Replace("\n", " | ", StringComparison.Ordinal))}\n");
    }

    /// <summary>Level and message of a line as <see cref="Text"/> writes it for the journal; any other is information.</summary>
    public static (LogLevel Level, string Message) FromJournal(string line) =>
        line switch
        {
            ['<', '3', '>', .. var rest] => (LogLevel.Error, rest),
            ['<', '4', '>', .. var rest] => (LogLevel.Warning, rest),
            ['<', '6', '>', .. var rest] => (LogLevel.Information, rest),
            ['<', '7', '>', .. var rest] => (LogLevel.Debug, rest),
            _ => (LogLevel.Information, line),
        };

    public static byte[] Json(
        DateTimeOffset time,
        LogLevel level,
        string category,
        EventId id,
        string message,
        IReadOnlyList<KeyValuePair<string, object?>>? values,
        Exception? error
    )
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", time);
            json.WriteString("level", Name(level));
            json.WriteString("category", category);
            json.WriteNumber("event", id.Id);
            json.WriteString("message", message);
            foreach (var (key, value) in values ?? [])
            {
                if (key != MessageTemplate)
                    json.WriteString(key.ToLowerInvariant(), Convert.ToString(value, CultureInfo.InvariantCulture));
            }
            if (error is not null)
                json.WriteString("error", error.ToString());
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static string Name(LogLevel level) =>
        level switch
        {
            LogLevel.Critical or LogLevel.Error => "error",
            LogLevel.Warning => "warning",
            LogLevel.Information => "info",
            _ => "debug",
        };

    private static int Priority(LogLevel level) =>
        level switch
        {
            LogLevel.Critical or LogLevel.Error => 3,
            LogLevel.Warning => 4,
            LogLevel.Information => 6,
            _ => 7,
        };
}
