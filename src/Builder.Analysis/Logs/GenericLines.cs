using System.Buffers;

namespace Builder.Analysis.Logs;

/// <summary>Errors in the forms that shells, tests and most other programs share.</summary>
internal static class GenericLines
{
    private const int MaxProgram = 80;

    private static readonly SearchValues<char> NoProgram = SearchValues.Create(" \t\"'()=<>$;");

    private static readonly SearchValues<string> Troubles = SearchValues.Create(
        [
            "error",
            "cannot ",
            "can't ",
            "could not",
            "couldn't",
            "unable to",
            "failed",
            "failure",
            "not found",
            "no such ",
            "permission denied",
            "access denied",
            "no space left",
            "quota exceeded",
            "connection refused",
            "connection reset",
            "timed out",
            "timeout",
            "invalid ",
            "unrecognized ",
            "unrecognised ",
            "unknown option",
            "unknown command",
            "illegal ",
            "bad ",
            "missing ",
            "not in gzip format",
            "unexpected end",
            "does not exist",
            "doesn't exist",
            "is not a ",
            "not a directory",
            "is a directory",
            "already exists",
            "read-only file system",
            "out of memory",
            "text file busy",
            "too many open files",
            "not permitted",
            "broken pipe",
            "corrupt",
            "mismatch",
            "did not match",
            "must be ",
            "required",
            "unbound variable",
            "parameter not set",
            "parameter null or not set",
            "syntax error",
            "bad interpreter",
            "exec format error",
            "refusing to ",
            "aborting",
            "unsupported",
            "unexpected ",
            "undefined ",
            "no rule ",
            "nothing ",
            "unmatched ",
            "unterminated ",
            "not allowed",
        ],
        StringComparison.OrdinalIgnoreCase
    );

    /// <summary>Said of a whole step, so that the reason stood before.</summary>
    private static readonly SearchValues<string> Summaries = SearchValues.Create(
        [
            "build failed",
            "failed to build",
            "compilation failed",
            "installation failed",
            "command failed",
            "step failed",
            "job failed",
            "tests failed",
            "test failed",
            "failed with exit",
            "failed with error code",
            "failed with status",
            "exited with code",
            "exited with status",
            "exit status ",
            "exit code ",
            "returned non-zero",
            "returned a non-zero",
            "returned status",
            "returned exit",
            "returned error",
            "child returned",
            "not recoverable",
            "exiting now",
            "previous errors",
            "errors occurred",
            "see above",
            "subcommand failed",
            "failures!",
            "failure!",
            "subprocess-exited-with-error",
            "failed building wheel",
            "could not build wheels",
        ],
        StringComparison.OrdinalIgnoreCase
    );

    /// <summary>Hardly ever said when all is well, whoever says it.</summary>
    private static readonly SearchValues<string> Certain = SearchValues.Create(
        ["failed: ", "connection refused", "no such file or directory", "permission denied", "no space left on device"],
        StringComparison.OrdinalIgnoreCase
    );

    public static LineClass? Classify(ReadOnlySpan<char> text, bool isIndented)
    {
        if (Test(text) is { } test)
            return test;
        if (Warning(text))
            return LineClass.Neutral;
        if (isIndented && !text.StartsWith("error: "))
            return null;
        return Signal(text) ?? Shell(text) ?? Plain(text) ?? Program(text) ?? Summary(text);
    }

    private static bool Warning(ReadOnlySpan<char> text)
    {
        var place = text.IndexOf("warning", StringComparison.OrdinalIgnoreCase);
        if (place < 0)
            return text.StartsWith("[WARN") || text.StartsWith("WARN ");
        var error = text.IndexOf("error", StringComparison.OrdinalIgnoreCase);
        return error < 0 || place < error;
    }

    private static LineClass? Test(ReadOnlySpan<char> text)
    {
        var isOne =
            text.StartsWith("FAIL: ")
            || text.StartsWith("ERROR: test_")
            || text.StartsWith("XPASS: ")
            || text.StartsWith("not ok ")
            || text.StartsWith("> [FAIL]")
            || text.StartsWith("[FAIL]")
            || text.StartsWith("FAIL ")
            || text.StartsWith("FAILED ")
            || text.StartsWith("[  FAILED  ]")
            || text.StartsWith("Hunk #") && text.Contains("FAILED", StringComparison.Ordinal)
            || text.EndsWith(" FAILED")
            || text.EndsWith("... FAIL")
            || text.EndsWith("... ERROR")
            || text.EndsWith("***Failed")
            || text.Contains("***Failed ", StringComparison.Ordinal);
        if (text.StartsWith("E   ") && text.Length > 4)
            return LineClass.Diagnostic("python") with { IsTest = true };
        if (text.StartsWith("FAILED (") || text.StartsWith("test result: FAILED") || text.StartsWith("# FAIL: ") || text is "FAILED")
            return LineClass.Consequence("test") with { IsTest = true };
        return isOne ? LineClass.Complaint(text.StartsWith("Hunk #") ? "patch" : "test") with { IsTest = true } : null;
    }

    private static LineClass? Signal(ReadOnlySpan<char> text) =>
        text.StartsWith("Segmentation fault")
        || text.EndsWith("Segmentation fault")
        || text.EndsWith("(core dumped)")
        || text is "Killed" or "Aborted" or "Bus error" or "Illegal instruction" or "Terminated"
        || text.EndsWith(" Killed")
            ? LineClass.Complaint("shell")
            : null;

    /// <summary><c>script.sh: 12: thing: not found</c> (dash), <c>script.sh: line 12: thing: command not found</c> (bash).</summary>
    private static LineClass? Shell(ReadOnlySpan<char> text)
    {
        var mark = text.IndexOf(": ");
        if (mark is <= 0 or > 200)
            return null;
        var rest = text[(mark + 2)..];
        if (rest.StartsWith("line "))
            rest = rest[5..];
        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        return
            digits > 0
            && digits + 1 < rest.Length
            && rest[digits] == ':'
            && rest[digits + 1] == ' '
            && rest[(digits + 2)..].ContainsAny(Troubles)
            ? LineClass.Complaint("shell")
            : null;
    }

    private static LineClass? Plain(ReadOnlySpan<char> text)
    {
        var isError =
            Begins(text, "error")
            || Begins(text, "fatal")
            || Begins(text, "fatal error")
            || Begins(text, "failed")
            || Begins(text, "failure")
            || Begins(text, "critical")
            || Begins(text, "panic")
            || text.StartsWith("::error")
            || text.StartsWith("[ERROR]")
            || text.StartsWith("[error]")
            || text.StartsWith("[FATAL]")
            || text.StartsWith("ERROR ")
            || text.StartsWith("ERR! ");
        if (!isError)
            return null;
        var tool = text.StartsWith("fatal: ") ? "git" : "error";
        return text.ContainsAny(Summaries) ? LineClass.Consequence(tool) : LineClass.Complaint(tool);
    }

    private static bool Begins(ReadOnlySpan<char> text, string word) =>
        text.Length > word.Length + 1 && text[word.Length] is ':' or '!' && text.StartsWith(word, StringComparison.OrdinalIgnoreCase);

    /// <summary><c>program: message</c>, with the words that messages of errors have.</summary>
    private static LineClass? Program(ReadOnlySpan<char> text)
    {
        var mark = text.IndexOf(": ");
        if (mark is <= 0 or > MaxProgram)
            return null;
        var name = text[..mark];
        var bracket = name.IndexOf('[');
        if (bracket > 0 && name[^1] == ']')
            name = name[..bracket];
        if (name.ContainsAny(NoProgram) || name.StartsWith("http") || !char.IsLetterOrDigit(name[0]) && name[0] is not ('.' or '/' or '_'))
            return null;
        var message = text[(mark + 2)..];
        if (CompilerLines.IsExceptionName(name))
            return LineClass.Diagnostic(name.EndsWith("CalledProcessError") ? "python" : "exception");
        if (!message.ContainsAny(Troubles))
            return null;
        var program = CompilerLines.LastPart(name).ToString();
        return message.ContainsAny(Summaries) ? LineClass.Consequence(program) : LineClass.Complaint(program);
    }

    private static LineClass? Summary(ReadOnlySpan<char> text) =>
        text.Length < 200
        && (
            text.StartsWith("##[error]")
            || text.StartsWith("exit status ")
            || text.StartsWith("Command exited with code")
            || text.StartsWith("BUILD FAILED", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("Command failed")
            || (char.IsAsciiDigit(text[0]) && text.Contains("failure!", StringComparison.Ordinal))
            || (text.StartsWith("===") && text.Contains(" failed", StringComparison.Ordinal))
            || (char.IsAsciiDigit(text[0]) && text.Contains(" FAILED ", StringComparison.Ordinal))
            || text.ContainsAny(Certain)
        )
            ? LineClass.Consequence("error")
            : null;
}
