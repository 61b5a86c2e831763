namespace Builder.Analysis.Comparison;

/// <summary>
/// Lines that are left out of the search: those the other side lacks, and common ones (a lone <c>]</c>) amid such,
/// which would match by accident. Which exactly is a matter of taste; ours is that of <c>diff</c>, whose output people know.
/// </summary>
internal static class LineNoise
{
    private enum Verdict : byte
    {
        /// <summary>The default.</summary>
        Keep,
        Discard,
        Perhaps,
    }

    /// <summary>True for the lines to leave out.</summary>
    public static bool[] Find(ReadOnlySpan<int> lines, ReadOnlySpan<int> countsOnOtherSide)
    {
        var many = 5;
        for (var rest = lines.Length / 64 / 4; rest > 0; rest /= 4)
            many *= 2;
        var verdicts = new Verdict[lines.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            var matches = countsOnOtherSide[lines[i]];
            verdicts[i] =
                matches == 0 ? Verdict.Discard
                : matches > many ? Verdict.Perhaps
                : Verdict.Keep;
        }
        DecideRuns(verdicts);
        return Array.ConvertAll(verdicts, verdict => verdict != Verdict.Keep);
    }

    // A run reaches from one line that is surely discarded to another, with no line between that is kept.
    private static void DecideRuns(Verdict[] verdicts)
    {
        for (var start = 0; start < verdicts.Length; start++)
        {
            if (verdicts[start] != Verdict.Discard)
            {
                verdicts[start] = Verdict.Keep;
                continue;
            }
            var end = start;
            while (end < verdicts.Length && verdicts[end] != Verdict.Keep)
                end++;
            while (verdicts[end - 1] == Verdict.Perhaps)
                verdicts[--end] = Verdict.Keep;
            var run = verdicts.AsSpan(start..end);
            if (DecideRun(run))
                start = end - 1;
        }
    }

    // False where all doubtful lines are kept after all, so that what follows the first line is looked at anew.
    private static bool DecideRun(Span<Verdict> run)
    {
        if (run.Count(Verdict.Perhaps) * 4 > run.Length)
        {
            run.Replace(Verdict.Perhaps, Verdict.Keep);
            return false;
        }
        KeepLongDoubts(run);
        KeepDoubtsNearStart(run);
        run.Reverse();
        KeepDoubtsNearStart(run);
        run.Reverse();
        return true;
    }

    // Some doubtful lines in a row are too many to match by accident; how many grows with the run.
    private static void KeepLongDoubts(Span<Verdict> run)
    {
        var minimum = 1;
        for (var rest = run.Length / 4 / 4; rest > 0; rest /= 4)
            minimum *= 2;
        minimum++;
        for (var i = 0; i < run.Length; )
        {
            var length = run[i..].IndexOfAnyExcept(Verdict.Perhaps) is var end and >= 0 ? end : run.Length - i;
            if (length >= minimum)
                run.Slice(i, length).Clear();
            i += Math.Max(length, 1);
        }
    }

    private static void KeepDoubtsNearStart(Span<Verdict> run)
    {
        var discardedInARow = 0;
        for (var i = 0; i < run.Length && discardedInARow < 3; i++)
        {
            if (i >= 8 && run[i] == Verdict.Discard)
                return;
            discardedInARow = run[i] == Verdict.Discard ? discardedInARow + 1 : 0;
            if (run[i] == Verdict.Perhaps)
                run[i] = Verdict.Keep;
        }
    }
}
