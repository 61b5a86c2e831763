using System.Buffers;

namespace Builder.Analysis.Logs;

/// <summary>What a single line says, whatever stands around it.</summary>
internal static class LineClassifier
{
    /// <summary>No error lacks all of these; most lines of a log have none.</summary>
    private static readonly SearchValues<string> Signs = SearchValues.Create(
        [
            "error",
            "exception",
            "fail",
            "fatal",
            "cannot",
            "can't",
            "could",
            "not ",
            "no such",
            "no rule",
            "no space",
            "undefined",
            "denied",
            "unable",
            "panic",
            "***",
            "abort",
            "killed",
            "fault",
            "invalid",
            "illegal",
            "unrecogni",
            "unknown",
            "unsupported",
            "unbound",
            "unmet",
            "parameter ",
            "missing",
            "multiple def",
            "refus",
            "timed out",
            "timeout",
            "bad ",
            "depends:",
            "waiting for",
            "stopped",
            ".go:",
            "e: ",
            "e   ",
            "err",
            "exit",
            "return",
            "memory",
            "assert",
            "corrupt",
            "mismatch",
            "required",
            "must be",
            "readonly",
            "read-only",
            "exist",
            "syntax",
            "exceeded",
            "reset",
            "conflict",
            "sorry",
            "go: ",
            "warning",
            "opam",
            "terminat",
            "dumped",
            "imported and",
            "declared and",
            "module",
            "nothing ",
            "broken",
            "busy",
            "directory",
            "expected",
            "xpass",
            "--- ",
            "(ignored)",
            "problems ",
            "unmatched",
            "unterminated",
            "import cycle",
            "characters 0-0",
            "connecti",
            "ninja:",
            "make: ",
            "make[",
        ],
        StringComparison.OrdinalIgnoreCase
    );

    private static readonly SearchValues<char> StepNumbers = SearchValues.Create("0123456789/% ");

    /// <summary>What make, scripts and people print before they run it.</summary>
    private static readonly HashSet<string> Commands = new(StringComparer.Ordinal)
    {
        "if",
        "for",
        "while",
        "case",
        "test",
        "[",
        "echo",
        "printf",
        "cd",
        "set",
        "export",
        "grep",
        "egrep",
        "sed",
        "awk",
        "cat",
        "mkdir",
        "rm",
        "mv",
        "cp",
        "ln",
        "install",
        "touch",
        "chmod",
        "chown",
        "gcc",
        "g++",
        "cc",
        "c++",
        "clang",
        "clang++",
        "ld",
        "ar",
        "ranlib",
        "strip",
        "objcopy",
        "libtool:",
        "sh",
        "bash",
        "/bin/sh",
        "/bin/bash",
        "env",
        "make",
        "gmake",
        "cmake",
        "ninja",
        "dune",
        "opam",
        "ocamlfind",
        "ocamlopt",
        "ocamlc",
        "python",
        "python3",
        "cargo",
        "rustc",
        "go",
        "npm",
        "node",
        "git",
        "curl",
        "wget",
        "tar",
        "patch",
        "diff",
        "apt-get",
        "dpkg",
        "sudo",
        "find",
        "xargs",
        "exec",
        "eval",
        "source",
        "pkg-config",
        "perl",
        "ocamlbuild",
        "true",
        "false",
        "!",
        "(cd",
        "$",
        "$(",
        "{",
        "@echo",
        "-rm",
    };

    /// <param name="text">Cleaned, with its indentation.</param>
    public static LineClass Classify(ReadOnlySpan<char> text)
    {
        var trimmed = text.TrimStart();
        if (trimmed.IsEmpty)
            return LineClass.Neutral;
        if (Trace(text))
            return new LineClass(LineKind.Trace);
        var isIndented = trimmed.Length != text.Length;
        // opam -v marks what commands print; cargo what build scripts print.
        if (!isIndented && trimmed.StartsWith("- ") && trimmed.Length > 2)
        {
            isIndented = trimmed[2] == ' ';
            trimmed = trimmed[2..].TrimStart();
        }
        else if (trimmed.StartsWith("cargo:warning="))
        {
            trimmed = trimmed["cargo:warning=".Length..].TrimStart();
        }
        else if (trimmed.StartsWith("= note: "))
        {
            trimmed = trimmed[8..];
        }
        if (!trimmed.IsEmpty && trimmed.ContainsAny(Signs) && !IsCommand(trimmed) && !IsGutter(trimmed))
        {
            var error =
                PackageLines.Classify(trimmed, isIndented)
                ?? CompilerLines.Classify(trimmed, isIndented)
                ?? GenericLines.Classify(trimmed, isIndented);
            if (error is { } found)
                return found.Kind == LineKind.Complaint && Tolerance.IsPhrase(trimmed)
                    ? LineClass.Neutral with
                    {
                        IsSurvival = true,
                    }
                    : found;
        }
        return IsPartOfAnother(text, trimmed, isIndented) ? LineClass.Neutral : LineClass.Progress;
    }

    /// <summary>The command of <c>set -x</c>: one or more plus signs, a blank, the command.</summary>
    public static ReadOnlySpan<char> Command(ReadOnlySpan<char> trace) => trace.TrimStart('+').TrimStart();

    private static bool Trace(ReadOnlySpan<char> text)
    {
        var plus = 0;
        while (plus < text.Length && text[plus] == '+')
            plus++;
        return plus > 0 && plus + 1 < text.Length && text[plus] == ' ' && text[plus + 1] is not ('-' or '+' or ' ');
    }

    public static bool IsCommand(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(' ');
        var word = end < 0 ? text : text[..end];
        return Commands.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word) && !(word is "go" && text.StartsWith("go: "))
            || (
                word.Length > 4
                && (
                    word.EndsWith("/gcc") || word.EndsWith("-gcc") || word.EndsWith("/cc") || word.EndsWith("-g++") || word.EndsWith("/c++")
                )
            )
            || IsStep(text);
    }

    /// <summary><c>[12/40] cc …</c>, <c>[ 12%] Building …</c>.</summary>
    private static bool IsStep(ReadOnlySpan<char> text)
    {
        if (text[0] != '[')
            return false;
        var end = text.IndexOf(']');
        return end is > 1 and < 14 && !text[1..end].ContainsAnyExcept(StepNumbers);
    }

    /// <summary>Source that a compiler shows: <c>  12 | code</c>, <c>| ^~~</c>.</summary>
    private static bool IsGutter(ReadOnlySpan<char> text)
    {
        if (text[0] is '|' or '^' or '~')
            return true;
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        return digits > 0 && text[digits..].TrimStart() is ['|', ..];
    }

    private static bool IsPartOfAnother(ReadOnlySpan<char> text, ReadOnlySpan<char> trimmed, bool isIndented)
    {
        if (isIndented)
            return !IsStepOfQuietMake(trimmed)
                && !trimmed.StartsWith("dh_")
                && !trimmed.StartsWith("Compiling ")
                && !trimmed.StartsWith("Running ");
        return IsGutter(text)
            || text[0] is '>' or '│' or '┌' or '└' or '╶' or '─' or '='
            || text.IndexOfAnyExcept('-') < 0
            || text.StartsWith("In file included from")
            || text.StartsWith("File \"")
            || text.StartsWith("Hint:")
            || text.StartsWith("note:")
            || text.StartsWith("For more information")
            || text.StartsWith("Caused by:")
            || text.StartsWith("stack backtrace:")
            || text.StartsWith("compilation terminated")
            || text.StartsWith("Call Stack")
            || text.StartsWith("See also ")
            || text.StartsWith("goroutine ")
            || text.StartsWith("[NOTE]")
            || text.StartsWith("[WARNING]")
            || text.StartsWith("Warning")
            || text.StartsWith("Alert ")
            || text.StartsWith("+-")
            || text.StartsWith("<><>")
            || text.StartsWith("usage:", StringComparison.OrdinalIgnoreCase)
            || text.EndsWith(" generated.")
            || text.Contains(": note: ", StringComparison.Ordinal)
            || text.Contains(": In ", StringComparison.Ordinal)
            || text.Contains(": in function", StringComparison.Ordinal)
            || text.EndsWith("At top level:")
            || text.EndsWith("At global scope:")
            || text.Contains("required from", StringComparison.Ordinal)
            || text.EndsWith("Assembler messages:")
            || text.StartsWith("The above exception was")
            || text.StartsWith("During handling of the above");
    }

    /// <summary><c>  CC      main.o</c>.</summary>
    private static bool IsStepOfQuietMake(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(' ');
        return end is >= 2 and <= 10
            && text[..end].IndexOfAnyExceptInRange('A', 'Z') < 0
            && text[end..].TrimStart() is { Length: > 2 } rest
            && !rest.StartsWith("-")
            && rest.ContainsAny("./");
    }
}
