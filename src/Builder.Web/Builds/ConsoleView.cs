using Builder.Web.Html;

namespace Builder.Web.Builds;

/// <summary>
/// What of a console is shown on one page: everything where that is little, else a window; long runs of output between the
/// commands of a script are folded, but never one with an error in it, nor the last.
/// </summary>
internal static class ConsoleView
{
    /// <summary>Lines on one page.</summary>
    public const int WindowLength = 4000;

    private const int ShortEnough = 120;
    private const int MaxOpenRunLength = 40;
    private const int KeptAtTheEnds = 12;

    /// <summary>Characters on one page: lines can be long.</summary>
    private const int LargestWindow = 2 * 1024 * 1024;

    /// <param name="from">The first line wanted; 0 for the best window: around the first error of a failed build, else the end.</param>
    public static async Task<ConsolePart> ReadAsync(
        Stream stream,
        ConsoleIndex index,
        long from,
        bool isFailed,
        CancellationToken cancellationToken
    )
    {
        var total = index.Total;
        var newest = Math.Max(1, total - WindowLength + 1);
        var start =
            from > 0 ? Math.Min(from, Math.Max(1, total))
            : isFailed && index.FirstError is { } error && error < newest ? Math.Max(1, error - 200)
            : newest;
        var window = new List<StoredLine>();
        var size = 0;
        await foreach (var line in index.ReadAsync(stream, start, cancellationToken))
        {
            window.Add(line);
            size += line.Text.Length;
            if (window.Count == WindowLength || size >= LargestWindow)
                break;
        }
        var usage = window is [.., { Number: var last, Text: var text }] && last == total ? ConsoleUsage.Of(text) : null;
        return new ConsolePart(total, index.FirstError, start, Fold(window)) { Usage = usage };
    }

    private static List<ConsoleRun> Fold(List<StoredLine> lines)
    {
        var shown = lines.ConvertAll(line => new ShownLine(
            line.Number,
            line.Time,
            AnsiText.ToHtml(line.Text),
            ConsoleFile.LooksLikeError(AnsiText.Plain(line.Text))
        ));
        if (shown.Count <= ShortEnough)
            return [new ConsoleRun(null, shown)];
        var runs = new List<ConsoleRun>();
        var open = new List<ShownLine>();
        var body = 0;
        while (body < shown.Count)
        {
            // A command as "sh -x" prints it stays in sight; what it printed is the run below it.
            var end = body;
            while (end < shown.Count && !IsCommand(lines[end]))
                end++;
            Add(shown.GetRange(body, end - body), isLast: end == shown.Count);
            if (end < shown.Count)
                open.Add(shown[end]);
            body = end + 1;
        }
        if (open.Count > 0)
            runs.Add(new ConsoleRun(null, open));
        return runs;

        void Add(List<ShownLine> run, bool isLast)
        {
            if (run.Count <= MaxOpenRunLength || run.Exists(line => line.IsError) || (isLast && runs.Count > 0))
            {
                open.AddRange(run);
                return;
            }
            open.AddRange(run[..KeptAtTheEnds]);
            runs.Add(new ConsoleRun(null, open));
            runs.Add(
                new ConsoleRun($"{Wording.Count(run.Count - (2 * KeptAtTheEnds), "line")} folded", run[KeptAtTheEnds..^KeptAtTheEnds])
            );
            open = [.. run[^KeptAtTheEnds..]];
        }
    }

    private static bool IsCommand(StoredLine line) => line.Text.StartsWith("+ ", StringComparison.Ordinal);
}

/// <param name="Total">Lines of the whole console.</param>
/// <param name="Start">The first line of this part.</param>
public sealed record ConsolePart(long Total, long? FirstError, long Start, IReadOnlyList<ConsoleRun> Runs)
{
    /// <summary>What the last line of the console says that the build used, where that is in this part.</summary>
    public string? Usage { get; init; }

    public long End => Runs.Count == 0 || Runs[^1].Lines.Count == 0 ? 0 : Runs[^1].Lines[^1].Number;
}

/// <param name="Summary">Null: in sight; else what stands in place of the lines until they are asked for.</param>
public sealed record ConsoleRun(string? Summary, IReadOnlyList<ShownLine> Lines);
