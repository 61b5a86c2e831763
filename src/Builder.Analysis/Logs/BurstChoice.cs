namespace Builder.Analysis.Logs;

/// <summary>Which burst of errors ended the run: the last that was not survived, or an earlier one that it follows from.</summary>
internal static class BurstChoice
{
    /// <summary>Lines of progress behind an error, from which on the run survived it. A compiler's error ends a run later than a message of <c>cp</c>.</summary>
    private const int MaxTail = 40;
    private const int MaxTailOfDiagnostic = 400;

    /// <summary>Lines of progress over which what follows looks for its cause.</summary>
    private const int MaxDistance = 400;

    public static Candidate? Choose(IReadOnlyList<Burst> all, bool hasFailed)
    {
        var bursts = all.ToList();
        while (bursts.Count > 0 && IsSurvived(bursts[^1], isLast: !hasFailed))
            bursts.RemoveAt(bursts.Count - 1);
        bursts.RemoveAll(static burst => IsSurvived(burst, isLast: false));
        if (bursts.Count == 0)
            return null;
        var chosen = bursts.Count - 1;
        if (ByTarget(bursts) is { } named)
            return named;
        while (chosen > 0 && Follows(bursts[chosen - 1], bursts[chosen], bursts[^1].IsKeptGoing))
            chosen--;
        // What only follows is the answer where nothing else is: make may end for a command that said nothing.
        return bursts[chosen].Best;
    }

    private static bool IsSurvived(Burst burst, bool isLast)
    {
        if (burst.IsSurvived)
            return true;
        if (!isLast || burst.IsWaiting)
            return false;
        return burst.HasSuccessAfter
            || burst.StepsAfter > (burst.Diagnostic is null ? 0 : 2)
            || burst.ProgressAfter > (burst.Diagnostic is null ? MaxTail : MaxTailOfDiagnostic);
    }

    private static bool Follows(Burst before, Burst after, bool isKeptGoing)
    {
        if (after.HasStepBefore || after.IsWhole)
            return false;
        if (before.IsWaiting || (isKeptGoing && (before.HasMake || before.Diagnostic is not null)))
            return true;
        if (before.IsTest && after.IsTest)
            return true;
        if (after.OnlyFollows)
            return before.Diagnostic is not null
                ? after.GapBefore <= MaxDistance
                : after.GapBefore <= 3 || (before.IsTest && after.GapBefore <= MaxDistance);
        if (before.IsTest && after.Diagnostic is null)
            return after.GapBefore <= 20;
        if (before.IsEnd)
            return after.GapBefore <= 1 && after.Diagnostic is null;
        return before.Diagnostic is { } one
            && after.Diagnostic is { } other
            && one.Tool == other.Tool
            && one.Tool is "ocaml" or "dune" or "go" or "rust" or "clang" or "ld"
            && after.GapBefore <= 2;
    }

    /// <summary>Among errors of parallel jobs, the one about the file for which make ended.</summary>
    private static Candidate? ByTarget(List<Burst> bursts)
    {
        var first = bursts.Count - 1;
        if (bursts[first].Targets.Count == 0 || bursts[first].IsWhole)
            return null;
        // However far: with many jobs at once, a long one that ended well may have printed much in between.
        while (first > 0 && !bursts[first].HasStepBefore && !bursts[first - 1].HasMake)
            first--;
        for (var i = first; i < bursts.Count - 1; i++)
        {
            if (bursts[i].Diagnostic is { } error && bursts[^1].Targets.Any(target => Names(error.Text, target)))
                return error;
        }
        return null;
    }

    private static bool Names(string text, string stem)
    {
        var place = text.IndexOf(stem, StringComparison.Ordinal);
        return place >= 0
            && (place == 0 || !char.IsLetterOrDigit(text[place - 1]))
            && place + stem.Length < text.Length
            && text[place + stem.Length] is '.' or ':';
    }
}
