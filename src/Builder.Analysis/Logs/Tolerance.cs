using System.Buffers;

namespace Builder.Analysis.Logs;

/// <summary>How a log shows that a run went on after an error.</summary>
internal static class Tolerance
{
    private static readonly SearchValues<string> Phrases = SearchValues.Create(
        [
            "continuing",
            "ignoring",
            "(ignored)",
            "skipping",
            "going on without",
            "going on anyway",
            "carrying on",
            "falling back",
            "fallback",
            "using default",
            "using the default",
            "non-fatal",
            "not fatal",
            "proceeding",
            "retrying",
            "will retry",
            "trying again",
            "tolerated",
            "expected failure",
            "as expected",
            "harmless",
            "anyway",
            "can be ignored",
            "safe to ignore",
            "optional",
            "not needed",
        ],
        StringComparison.OrdinalIgnoreCase
    );

    private static readonly SearchValues<string> Successes = SearchValues.Create(
        [
            "build succeeded",
            "build successful",
            "build success",
            "successfully",
            "all tests passed",
            "all checks passed",
            "build finished",
            "build complete",
            "test result: ok",
        ],
        StringComparison.OrdinalIgnoreCase
    );

    /// <summary>Commands that scripts run because of an error, and that say nothing about whether it was survived.</summary>
    private static readonly HashSet<string> Handlers = new(StringComparer.Ordinal)
    {
        "echo",
        "printf",
        "cat",
        "tail",
        "head",
        "exit",
        "return",
        "false",
        "rm",
        "rmdir",
        "kill",
        "umount",
        "popd",
        "cd",
        "set",
        "trap",
        "test",
        "[",
        "[[",
        "ls",
        "wait",
        "die",
        "fail",
        "error",
        "abort",
        "err",
        "fatal",
        "logger",
    };

    public static bool IsPhrase(ReadOnlySpan<char> text) => text.ContainsAny(Phrases);

    public static bool IsSuccess(ReadOnlySpan<char> text) => text.ContainsAny(Successes);

    /// <summary><c>set -x</c> shows <c>|| true</c> as a command of its own.</summary>
    public static bool IsNothing(ReadOnlySpan<char> command) => command is "true" or ":";

    /// <summary>A command of <c>set -x</c> that shows the run going on: no handler of an error, no assignment.</summary>
    public static bool IsNextStep(ReadOnlySpan<char> command)
    {
        var end = command.IndexOf(' ');
        var word = end < 0 ? command : command[..end];
        if (word.IsEmpty || Handlers.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word))
            return false;
        if (
            word.Contains("clean", StringComparison.OrdinalIgnoreCase)
            || word.Contains("exit", StringComparison.OrdinalIgnoreCase)
            || word.Contains("finish", StringComparison.OrdinalIgnoreCase)
            || word.Contains("on_err", StringComparison.OrdinalIgnoreCase)
        )
            return false;
        var equals = word.IndexOf('=');
        return equals <= 0;
    }

    /// <summary>Scripts that look what is there print these; they go on after each.</summary>
    public static bool IsProbe(ReadOnlySpan<char> text) =>
        text.StartsWith("checking ")
        || text.StartsWith("-- Looking for ")
        || text.StartsWith("-- Performing Test ")
        || text.StartsWith("-- Check")
        || text.StartsWith("-- Found ")
        || text.StartsWith("-- Could NOT find ");
}
