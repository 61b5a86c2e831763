using System.Buffers;
using System.IO.Pipelines;

namespace Builder.Analysis.Logs;

/// <summary>
/// Finds in a log the line that started the failure. It takes the lines one after the other and keeps a bounded number of candidates,
/// whatever the log's length.
/// </summary>
public sealed class FirstErrorFinder
{
    /// <summary>Bytes of a line that are looked at.</summary>
    private const int MaxLine = 16 * 1024;

    private readonly BurstList bursts = new();
    private readonly RecentLines recent = new();
    private readonly OpamBlocks opam;
    private readonly PythonTraceback traceback = new();
    private readonly bool isWithinOpam;
    private long number;

    public FirstErrorFinder()
        : this(0, isWithinOpam: false) { }

    /// <param name="before">Lines of the whole log before the first of this one.</param>
    private FirstErrorFinder(long before, bool isWithinOpam)
    {
        number = before;
        this.isWithinOpam = isWithinOpam;
        opam = new OpamBlocks(bursts, static before => new FirstErrorFinder(before, isWithinOpam: true));
    }

    /// <summary>Takes the next line, with or without its newline. Lines longer than 16 KiB are cut.</summary>
    public void Add(ReadOnlySpan<byte> line) => Add(LogText.Clean(line.Length > MaxLine ? line[..MaxLine] : line));

    /// <summary>Null where no line looks like the error that ended the run.</summary>
    /// <param name="hasFailed">The run is known to have failed: an error counts even if much was printed behind it.</param>
    public FirstError? Finish(bool hasFailed = false) => Choose(hasFailed)?.ToFirstError();

    /// <summary>Reads a whole log.</summary>
    public static async Task<FirstError?> FindAsync(Stream log, CancellationToken cancellationToken, bool hasFailed = false)
    {
        var finder = new FirstErrorFinder();
        var reader = PipeReader.Create(log, new StreamPipeReaderOptions(leaveOpen: true));
        var isInLongLine = false;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } newline)
            {
                if (!isInLongLine)
                    finder.Add(rest.Slice(0, newline));
                isInLongLine = false;
                rest = rest.Slice(rest.GetPosition(1, newline));
            }
            if (rest.Length > MaxLine)
            {
                if (!isInLongLine)
                    finder.Add(rest);
                isInLongLine = true;
                rest = rest.Slice(rest.End);
            }
            if (read.IsCompleted && !rest.IsEmpty && !isInLongLine)
                finder.Add(rest);
            reader.AdvanceTo(read.IsCompleted ? read.Buffer.End : rest.Start, read.Buffer.End);
            if (read.IsCompleted)
                break;
        }
        await reader.CompleteAsync();
        return finder.Finish(hasFailed);
    }

    private void Add(ReadOnlySequence<byte> line)
    {
        if (line.Length > MaxLine)
            line = line.Slice(0, MaxLine);
        if (line.IsSingleSegment)
            Add(line.FirstSpan);
        else
            Add(line.ToArray());
    }

    internal void Add(string text)
    {
        number++;
        if (!isWithinOpam && opam.Takes(text, number))
            return;
        var shown = Shown(text);
        bursts.GoOn(shown);
        var line = traceback.Classify(text) ?? recent.Refine(text, LineClassifier.Classify(text));
        if (line.Kind == LineKind.Progress && bursts.IsSaidByCommand(text) && !text.Contains("warning", StringComparison.OrdinalIgnoreCase))
            line = LineClass.Complaint(bursts.Command!);
        switch (line.Kind)
        {
            case LineKind.Trace:
                bursts.Trace(LineClassifier.Command(text));
                break;
            case LineKind.Progress:
                bursts.Progress(text, number, line.IsSurvival);
                break;
            case LineKind.Neutral:
                bursts.Neutral(text, number, line.IsSurvival);
                break;
            default:
                bursts.Error(line, Candidate(line, shown), text);
                break;
        }
        recent.Add(shown, number);
    }

    internal Candidate? Choose(bool hasFailed)
    {
        opam.Finish();
        return BurstChoice.Choose(bursts.All, hasFailed: false) ?? (hasFailed ? BurstChoice.Choose(bursts.All, hasFailed: true) : null);
    }

    private Candidate Candidate(LineClass line, string shown)
    {
        var candidate = new Candidate(number, shown.TrimStart(), line.Tool!) { HasDetails = line.HasDetails, IsTest = line.IsTest };
        candidate.Before.AddRange(recent.Before);
        return candidate;
    }

    /// <summary>Without the mark of <c>opam -v</c>.</summary>
    private static string Shown(string text) => text.StartsWith("- ", StringComparison.Ordinal) ? text[2..] : text;
}
