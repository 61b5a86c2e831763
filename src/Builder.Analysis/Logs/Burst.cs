namespace Builder.Analysis.Logs;

/// <summary>Errors without a sign of progress between them: the first of each kind.</summary>
internal sealed class Burst
{
    public Candidate? Diagnostic { get; set; }

    public Candidate? Complaint { get; set; }

    public Candidate? Consequence { get; set; }

    public Candidate Best => (Diagnostic ?? Complaint ?? Consequence)!;

    public bool OnlyFollows => Diagnostic is null && Complaint is null;

    /// <summary>Tests failed.</summary>
    public bool IsTest { get; set; }

    /// <summary>Lines that show progress, between the burst before and this one.</summary>
    public int GapBefore { get; init; }

    /// <summary>A step of <c>set -x</c> stands between the burst before and this one.</summary>
    public bool HasStepBefore { get; init; }

    /// <summary>Other jobs of make, ninja, opam or cargo were still running.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>The tool ended for this error.</summary>
    public bool IsEnd { get; set; }

    public bool IsKeptGoing { get; set; }

    public bool IsSurvived { get; set; }

    /// <summary>Says itself which of its lines came first; nothing before it counts.</summary>
    public bool IsWhole { get; set; }

    public int ProgressAfter { get; set; }

    public int StepsAfter { get; set; }

    public bool HasSuccessAfter { get; set; }

    /// <summary>What make could not build, without its extension.</summary>
    public List<string> Targets { get; } = [];

    public bool HasMake { get; set; }
}
