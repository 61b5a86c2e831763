namespace Builder.Analysis.Logs;

/// <summary>The lines before, by which <c>Error:</c> and the like are told apart.</summary>
internal sealed class RecentLines
{
    /// <summary>Lines between a place and its message: source and carets.</summary>
    private const int MaxDistance = 14;

    private readonly Queue<string> before = new(Candidate.MaxBefore + 1);
    private long number;
    private long fileLine = -1000;
    private long placeLine = -1000;
    private bool isDuneFile;
    private bool isOpam;
    private bool isInDiff;

    public IEnumerable<string> Before => before;

    public void Add(string shown, long line)
    {
        number = line;
        if (shown.Length > 0 || before.Count > 0)
            before.Enqueue(shown);
        while (before.Count > Candidate.MaxBefore)
            before.Dequeue();
        isOpam |= shown.StartsWith("<><> ", StringComparison.Ordinal);
        var trimmed = shown.AsSpan().TrimStart();
        if (trimmed.StartsWith("File \""))
        {
            fileLine = line;
            var end = trimmed[6..].IndexOf('"');
            var file = CompilerLines.LastPart(end < 0 ? trimmed[6..] : trimmed[6..(6 + end)]);
            isDuneFile = file is "dune" or "dune-project" or "dune-workspace" or "jbuild" || file.EndsWith(".opam");
        }
        else if (trimmed.EndsWith(":") && Places.TryFileLine(trimmed, out _, out var after) && after == trimmed.Length)
        {
            placeLine = line;
        }
    }

    /// <summary>Who says it, as far as the lines before tell.</summary>
    public LineClass Refine(string text, LineClass line)
    {
        // A unified diff has lines that look like commands of "set -x".
        isInDiff = isInDiff
            ? text.Length > 0 && text[0] is ' ' or '+' or '-' or '@' or '\\'
            : text.StartsWith("+++ ", StringComparison.Ordinal)
                && before.LastOrDefault()?.StartsWith("--- ", StringComparison.Ordinal) == true;
        if (isInDiff && line.Kind is LineKind.Trace)
            return LineClass.Progress;
        if (line.Tool == "exception")
            return line with { Tool = number - fileLine <= MaxDistance ? "python" : "error" };
        if (isOpam && line is { Tool: "error", Kind: LineKind.Complaint } && text.StartsWith("[ERROR] ", StringComparison.Ordinal))
            return LineClass.Diagnostic("opam");
        if (line.Tool != "ocaml")
            return line;
        if (number - fileLine <= MaxDistance)
            return isDuneFile ? line with { Tool = "dune" } : line;
        if (number - placeLine <= MaxDistance && text.StartsWith("Error: ", StringComparison.Ordinal))
            return line with { Tool = "gfortran" };
        return text.StartsWith("Error", StringComparison.Ordinal) ? LineClass.Complaint("error")
            : text.StartsWith("Fatal error: ", StringComparison.Ordinal) && !text.Contains("exception", StringComparison.Ordinal)
                ? LineClass.Complaint("error")
            : line;
    }
}
