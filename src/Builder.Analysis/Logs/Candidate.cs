namespace Builder.Analysis.Logs;

/// <summary>A line that may be the first error, with lines around it.</summary>
internal sealed class Candidate(long line, string text, string tool)
{
    public const int MaxBefore = 3;
    public const int MaxAfter = 8;
    private const int MaxDetails = 4;

    public long Line { get; } = line;

    public string Text { get; } = text;

    public string Tool { get; set; } = tool;

    public string? Subject { get; set; }

    public bool HasDetails { get; init; }

    public bool IsTest { get; init; }

    public List<string> Before { get; } = [];

    public List<string> After { get; } = [];

    public FirstError ToFirstError()
    {
        var details = HasDetails ? string.Join(' ', Details()) : null;
        var said = string.IsNullOrEmpty(details) ? Text : $"{Text} {details}";
        return new FirstError(
            Line,
            Text,
            Tool,
            Subject,
            [.. Before, Text, .. After.AsEnumerable().Reverse().SkipWhile(static line => line.Length == 0).Reverse()],
            Fingerprint.Of(said)
        )
        {
            Details = string.IsNullOrEmpty(details) ? null : details,
        };
    }

    /// <summary>The indented lines below.</summary>
    private IEnumerable<string> Details() =>
        After
            .SkipWhile(static line => line.Length == 0)
            .TakeWhile(static line => line.Length == 0 || line[0] is ' ' or '\t')
            .Where(static line => line.Length > 0)
            .Take(MaxDetails)
            .Select(static line => line.Trim());
}
