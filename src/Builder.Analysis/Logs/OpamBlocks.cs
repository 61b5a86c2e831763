namespace Builder.Analysis.Logs;

/// <summary>
/// opam reports each package that failed in a block, the output of its command marked with <c># </c>: a log within the log. The first package of a run
/// that failed is the one that counts.
/// </summary>
internal sealed class OpamBlocks(BurstList bursts, Func<long, FirstErrorFinder> create)
{
    private bool isInBlock;
    private Candidate? header;
    private Candidate? chosen;
    private Candidate? firstFailed;
    private string? package;
    private FirstErrorFinder? output;

    /// <returns>True where the line belongs to a block.</returns>
    public bool Takes(string text, long number)
    {
        if (text.StartsWith("<><> Processing actions", StringComparison.Ordinal))
        {
            Finish();
            chosen = null;
            firstFailed = null;
            bursts.NewRun();
            return false;
        }
        if (text.StartsWith("[ERROR] The ", StringComparison.Ordinal) && text.Contains(" failed", StringComparison.Ordinal))
            firstFailed ??= new Candidate(number, text, "opam");
        if (text.StartsWith("#=== ERROR while ", StringComparison.Ordinal))
        {
            Finish();
            Begin(text, number);
            return true;
        }
        if (!isInBlock)
            return false;
        if (!text.StartsWith('#'))
        {
            Finish();
            return false;
        }
        if (text.StartsWith("### output ###", StringComparison.Ordinal))
            output = create(number);
        else
            output?.Add(text.Length > 1 && text[1] == ' ' ? text[2..] : text[1..]);
        return true;
    }

    public void Finish()
    {
        if (!isInBlock)
            return;
        isInBlock = false;
        var isFirst = package is not null && firstFailed?.Text.Contains($" {package}.", StringComparison.Ordinal) == true;
        var found = output?.Choose(hasFailed: true);
        output = null;
        // Blocks stand in another order than the packages failed.
        if (chosen is not null && !isFirst)
            return;
        var candidate = found is null ? (isFirst ? firstFailed : header)! : bursts.FindEqual(found.Text) ?? found;
        candidate.Subject = package;
        bursts.Whole(candidate, chosen);
        chosen = candidate;
    }

    private void Begin(string text, long number)
    {
        isInBlock = true;
        package = Package(text);
        // "[ERROR] Failed to get sources of x" stands before its block, not always right before.
        header = package is null
            ? null
            : bursts
                .All.Reverse()
                .Select(static burst => burst.Diagnostic ?? burst.Consequence)
                .FirstOrDefault(one => one?.Text.Contains(package, StringComparison.Ordinal) == true);
        header ??= new Candidate(number, text, "opam");
    }

    /// <summary>Of <c>#=== ERROR while compiling conf-gmp.4 ===#</c> the <c>conf-gmp</c>.</summary>
    private static string? Package(string text)
    {
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(3))
        {
            var dot = word.IndexOf('.');
            if (dot > 0 && !word.StartsWith('='))
                return word[..dot];
        }
        return null;
    }
}
