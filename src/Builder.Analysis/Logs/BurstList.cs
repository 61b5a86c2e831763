namespace Builder.Analysis.Logs;

/// <summary>Groups errors into bursts while lines come.</summary>
internal sealed class BurstList
{
    /// <summary>More are dropped from the middle: the first and the last matter.</summary>
    private const int MaxBursts = 128;

    /// <summary>Lines behind an error in which words like "continuing" are about it.</summary>
    private const int MaxRemark = 3;

    private readonly List<Burst> all = [];
    private readonly List<Candidate> growing = [];
    private Burst? open;
    private Candidate? last;
    private int gap;
    private bool hasStep;
    private bool isWaitingAtTop;
    private string? command;

    public IReadOnlyList<Burst> All => all;

    /// <summary>Every line is context of the errors just before it.</summary>
    public void GoOn(string shown)
    {
        for (var i = growing.Count - 1; i >= 0; i--)
        {
            growing[i].After.Add(shown);
            if (growing[i].After.Count >= Candidate.MaxAfter)
                growing.RemoveAt(i);
        }
    }

    public void Trace(ReadOnlySpan<char> command)
    {
        this.command = Tolerance.IsNextStep(command) ? CompilerLines.LastPart(FirstWord(command)).ToString() : null;
        if (open is null)
            return;
        if (Tolerance.IsNothing(command))
        {
            open.IsSurvived |= gap == 0 && !hasStep;
            return;
        }
        if (!Tolerance.IsNextStep(command))
            return;
        hasStep = true;
        gap++;
        open.StepsAfter++;
    }

    /// <summary>Progress, unless it is the source that clang shows below its error.</summary>
    public void Progress(string text, long number, bool isSurvival)
    {
        command = null;
        if (open is null || (last is { Tool: "gcc" } && number == last.Line + 1 && !LineClassifier.IsCommand(text)))
            return;
        gap++;
        open.ProgressAfter++;
        open.HasSuccessAfter |= Tolerance.IsSuccess(text);
        open.IsSurvived |=
            (gap <= MaxRemark && (Tolerance.IsPhrase(text) || Tolerance.IsProbe(text)) && !open.IsWaiting)
            || (isSurvival && open is { IsTest: true, Diagnostic: null, Complaint.Tool: "go" });
    }

    public void Neutral(string text, long number, bool isSurvival)
    {
        if (open is null)
            return;
        if (isSurvival && gap == 0)
            open.IsSurvived = true;
        if (
            last is { Tool: "gcc" }
            && text.EndsWith(" generated.", StringComparison.Ordinal)
            && text.Contains("error", StringComparison.Ordinal)
        )
            RenameToClang();
        if (last is { Tool: "error" } && number <= last.Line + 4 && text.StartsWith("    at ", StringComparison.Ordinal))
            last.Tool = "node";
        if (last is { Tool: "error" } && number == last.Line + 1 && text.AsSpan().TrimStart().StartsWith("--> "))
        {
            last.Tool = "rust";
            open.Diagnostic ??= last;
        }
    }

    /// <summary>A new run of a tool: what an earlier run ended with was survived.</summary>
    public void NewRun()
    {
        if (open is null)
            return;
        open.IsWaiting = false;
        hasStep = true;
    }

    /// <summary>Whether the command that <c>set -x</c> showed last says something, in whatever words.</summary>
    public bool IsSaidByCommand(string text) =>
        command is not null
        && text.Length > command.Length + 2
        && text.StartsWith(command, StringComparison.Ordinal)
        && text[command.Length] == ':';

    public string? Command => command;

    private static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> command) =>
        command.IndexOf(' ') is var end and > 0 ? command[..end] : command;

    public void Error(LineClass line, Candidate candidate, string text)
    {
        if (candidate.Tool == "error" && command is not null)
            candidate.Tool = command;
        var burst = Open();
        burst.IsTest |= line.IsTest;
        last = candidate;
        switch (line.Kind)
        {
            case LineKind.Diagnostic when burst.Diagnostic is null:
                Grow(burst.Diagnostic = candidate);
                break;
            case LineKind.Complaint when burst.Complaint is null:
                Grow(burst.Complaint = candidate);
                break;
            case LineKind.Consequence when burst.Consequence is null:
                Grow(burst.Consequence = candidate);
                break;
        }
        burst.IsKeptGoing |= line.IsKeptGoing;
        burst.IsEnd |= line.IsEnd;
        if (line.IsWaiting)
        {
            burst.IsWaiting = true;
            isWaitingAtTop = !text.AsSpan(0, Math.Min(text.Length, 12)).Contains('[');
        }
        else if (line.IsEnd && !isWaitingAtTop)
        {
            burst.IsWaiting = false;
        }
        if (line.Tool != "make")
            return;
        burst.HasMake = true;
        if (MakeTarget(text) is { } target && burst.Targets.Count < 8)
            burst.Targets.Add(target);
    }

    /// <summary>What a block of opam says came first.</summary>
    /// <param name="replaces">An earlier block, whose package failed later.</param>
    public void Whole(Candidate candidate, Candidate? replaces)
    {
        if (replaces is not null && all.Find(burst => burst.Diagnostic == replaces) is { } before)
        {
            before.Diagnostic = candidate;
            return;
        }
        var burst = new Burst
        {
            IsWhole = true,
            IsWaiting = true,
            Diagnostic = candidate,
        };
        Push(burst);
        isWaitingAtTop = false;
    }

    public Candidate? FindEqual(string text)
    {
        foreach (var burst in all)
        {
            if (burst.Diagnostic?.Text == text)
                return burst.Diagnostic;
            if (burst.Complaint?.Text == text)
                return burst.Complaint;
        }
        return null;
    }

    public Candidate? LastConsequence => open?.Consequence;

    private Burst Open()
    {
        if (open is not null && !hasStep && (gap == 0 || open.IsWaiting))
        {
            open.ProgressAfter = 0;
            gap = 0;
            return open;
        }
        var burst = new Burst { GapBefore = gap, HasStepBefore = hasStep };
        Push(burst);
        isWaitingAtTop = false;
        return burst;
    }

    private void Push(Burst burst)
    {
        if (all.Count == MaxBursts)
            all.RemoveAt(MaxBursts / 2);
        all.Add(burst);
        open = burst;
        gap = 0;
        hasStep = false;
    }

    private void Grow(Candidate candidate)
    {
        if (growing.Count < 8)
            growing.Add(candidate);
    }

    /// <summary>What clang counts behind its errors, gcc does not.</summary>
    private void RenameToClang()
    {
        foreach (var burst in all.AsEnumerable().Reverse().TakeWhile(static burst => burst.Diagnostic?.Tool is "gcc" or "clang"))
            burst.Diagnostic!.Tool = "clang";
    }

    /// <summary>Of <c>make: *** [Makefile:3: dir/name.o] Error 1</c> the <c>name</c>, where it is an object of a compiler.</summary>
    private static string? MakeTarget(string text)
    {
        var end = text.LastIndexOf(']');
        var start = end < 0 ? -1 : text.LastIndexOf(' ', end);
        if (start < 0)
            return null;
        var name = CompilerLines.LastPart(text.AsSpan(start + 1, end - start - 1));
        var dot = name.LastIndexOf('.');
        return dot > 0 && name[dot..] is ".o" or ".lo" or ".cmo" or ".cmx" or ".obj" or ".cmi"
            ? (name.IndexOf('.') is var first && first > 0 ? name[..first] : name[..dot]).ToString()
            : null;
    }
}
